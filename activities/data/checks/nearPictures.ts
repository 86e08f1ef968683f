/** Placeholder of the branch: exact copies only. */
export interface NearFindings {
  duplicates: [number, number][];
}

export class NearPictures {
  private count = 0;
  add(_print: string): number {
    this.count += 1;
    return this.count - 1;
  }
  find(): NearFindings {
    return { duplicates: [] };
  }
  clusterOf(picture: number): number {
    return picture;
  }
}
