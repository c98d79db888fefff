/*
 * The upper bound: a server and a client with epoll, without anything between them and the kernel. Prints connections a second.
 *   pair server                                 prints its port, serves until the end of its input
 *   pair client <port> <connections> <concurrency>
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in here(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void watch(int epoll, int fd, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int serve(void) {
  struct sockaddr_in address = here(0);
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0);
  if (bind(listener, (void *)&address, size) || listen(listener, 511)) return 1;
  getsockname(listener, (void *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  watch(epoll, listener, EPOLLIN);
  watch(epoll, 0, EPOLLIN | EPOLLHUP);
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == 0) return 0;
      if (fd != listener) { close(fd); continue; }
      for (int peer; (peer = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0;) {
        shutdown(peer, SHUT_WR);
        watch(epoll, peer, EPOLLIN);
      }
    }
  }
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void begin(int epoll, int port) {
  struct sockaddr_in address = here(port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connect(fd, (void *)&address, sizeof address) && errno != EINPROGRESS) perror("connect"), exit(1);
  watch(epoll, fd, EPOLLIN | EPOLLRDHUP);
}

static int churn(int port, long connections, long concurrency) {
  int epoll = epoll_create1(0);
  double started = now();
  long begun = 0, done = 0;
  for (; begun < concurrency && begun < connections; begun++) begin(epoll, port);
  struct epoll_event events[256];
  while (done < connections) {
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      char byte;
      if (read(events[i].data.fd, &byte, 1) < 0 && errno == EAGAIN) continue;
      close(events[i].data.fd);
      done++;
      if (begun < connections) begin(epoll, port), begun++;
    }
  }
  printf("%f\n", done / (now() - started));
  return 0;
}

int main(int count, char **words) {
  if (count == 2 && !strcmp(words[1], "server")) return serve();
  if (count == 5) return churn(atoi(words[2]), atol(words[3]), atol(words[4]));
  return 2;
}
