/** @module The images that the lab's node can pull, by reference. */

/** What a container is started from. */
export interface Image {
  /** `host`: this machine's own root file system; else the path of a root file system. Either is covered by a private layer. */
  readonly rootfs: 'host' | string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Files and directories of the machine that the image brings along, mounted read-only at `path`. */
  readonly files?: readonly { readonly path: string; readonly source: string }[];
  /** Called at each pull; a rejection is the registry's answer and ends as ErrImagePull. */
  readonly pull?: () => Promise<void>;
}

/** A pull that failed; the message is what the kubelet writes into the container's status. */
export class PullFailed extends Error {
  constructor(reference: string, why: string) {
    super(`failed to pull and unpack image "${reference}": ${why}`);
    this.name = 'PullFailed';
  }
}

/** The registry and the node's image store in one. */
export class Images {
  readonly #images = new Map<string, Image>();
  readonly #present = new Set<string>();

  /** Puts an image under a reference, e.g. `ghcr.io/angelnu/pod-gateway:v1.13.0`; the next pull sees it. */
  set(reference: string, image: Image): void {
    this.#images.set(reference, image);
    this.#present.delete(reference);
  }

  /** The image under a reference, whether pulled or not. */
  get(reference: string): Image | undefined {
    return this.#images.get(reference);
  }

  /** Whether a pull of this reference has succeeded since it was set. */
  isPresent(reference: string): boolean {
    return this.#present.has(reference);
  }

  /** Pulls an image as a container runtime does. @throws PullFailed */
  async pull(reference: string): Promise<Image> {
    const image = this.#images.get(reference);
    if (!image) throw new PullFailed(reference, `failed to resolve reference "${reference}": not found`);
    await image.pull?.().catch((error: unknown) => {
      throw new PullFailed(reference, error instanceof Error ? error.message : String(error));
    });
    this.#present.add(reference);
    return image;
  }
}
