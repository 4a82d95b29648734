#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Starts to connect, and does not wait for it. */
static int start(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        die("connect");
    return fd;
}

/* Whether it is connected within so many milliseconds. */
static const char *state(int fd, int timeout)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (poll(&ready, 1, timeout) < 0)
        die("poll");
    return ready.revents & POLLOUT ? "connected" : "still in SYN-SENT";
}

int main(void)
{
    int fds[3];
    for (int i = 0; i < 3; i++)
        fds[i] = start();
    for (int i = 0; i < 3; i++)
        printf("connection %d: %s\n", i + 1, state(fds[i], 100));

    /* The third SYN was dropped without an answer. The kernel sends it again after a second. */
    printf("later, connection 3: %s\n", state(fds[2], 5000));
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    return 0;
}
