/** Which children this process has. A user's program also has others, which must not be ended here. */
export type Children = 'only those of the command' | 'others, too';
