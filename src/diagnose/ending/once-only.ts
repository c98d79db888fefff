/** Programs that run another one only once, or a session, and so do not start it again. */
export const onceOnly =
  /^(?:\S*\/)?(?:sshd(?:-session)?|login|su|sudo|doas|timeout|nohup|nice|ionice|setsid|stdbuf|env|time|strace|ltrace|script|expect|xargs|tmux|screen|SCREEN|tini|dumb-init|catatonit|docker-init|unshare|nsenter|bwrap|setpriv|runuser|chroot|faketime|taskset|numactl|flock)(?:[: ]|$)/;
