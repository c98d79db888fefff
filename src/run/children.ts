/** Which children this process has: in a program of the user, others as well, which nothing here may end. */
export type Children = 'only those of the command' | 'others, too';
