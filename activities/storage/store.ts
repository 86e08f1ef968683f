/** Where the files of a project lie for all workers: one small interface, over a shared folder or a bucket. */
import type { Readable } from 'node:stream';

export interface StoredFile {
  /** Its path below the store's root, with slashes. */
  key: string;
  bytes: number;
}

/** A file of this machine on its way into a store. */
export interface Outgoing {
  path: string;
  bytes: number;
  sha256: string;
}

/** All throw `StorageUnavailable` where the store can't be reached or refuses. */
export interface Store {
  /** Of the root, without a slash at its end. */
  readonly uri: string;
  /** Writes, reads and removes a small file: what is wrong with key, bucket or route is told before anything begins. */
  check(): Promise<void>;
  /** Every file whose key begins so. */
  list(prefix: string): AsyncIterable<StoredFile>;
  /** Names of the folders directly in one; none where it is not there. */
  folders(folder: string): AsyncIterable<string>;
  /** Its size, and the checksum that it was put with; null where there is no such file. */
  head(key: string): Promise<{ bytes: number; sha256: string } | null>;
  /** The bytes from there on. What comes is not checked yet: see fetchFile. */
  read(key: string, options?: { from?: number; signal?: AbortSignal }): Promise<Readable>;
  /** Whole or not there. A large file goes in parts, and those that arrived before a crash are not sent again. */
  put(key: string, file: Outgoing, signal?: AbortSignal): Promise<void>;
  /** False when there is one of that key already: of any number of writers one succeeds. */
  putIfAbsent(key: string, content: string): Promise<boolean>;
  /** Gives up what `put` began of a file that will not be put. */
  abandon(key: string): Promise<void>;
  /** Of what is not there, too. */
  remove(key: string): Promise<void>;
}
