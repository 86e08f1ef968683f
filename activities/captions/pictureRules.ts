/** The rules of the import for a picture that is captioned: what an import would refuse by default is refused here too. */
import type { CaptionPictures } from '../../config/captioning.js';
import type { PictureLimits } from '../data/pictures/pictureLimits.js';

export function importRules({ maximumPixels, maximumAspect }: CaptionPictures): PictureLimits {
  const refuse = 'refuse' as const;
  return { maximumPixels, maximumAspect, animated: refuse, truncated: refuse, extremeAspect: refuse, tooLarge: refuse };
}
