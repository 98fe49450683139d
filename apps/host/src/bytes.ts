/** Sizes as the pages write them: 1 GB is 1024 MB. */
export const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(bytes < 1e6 ? 2 : 1)} MB`;
export const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`;
