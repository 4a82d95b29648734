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

int main(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    /* The SYN leaves, and the call comes back at once. */
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        printf("connect(): %s\n", strerror(errno));
        if (errno != EINPROGRESS)
            exit(EXIT_FAILURE);
    }

    /* Writable means: the attempt is over, one way or the other. */
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (poll(&ready, 1, 1000) < 0)
        die("poll");
    printf("poll(): %s%s%s\n", ready.revents & POLLOUT ? "POLLOUT " : "",
           ready.revents & POLLERR ? "POLLERR " : "", ready.revents & POLLHUP ? "POLLHUP" : "");

    /* Which way, SO_ERROR tells. Reading it clears it. */
    int error;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        die("getsockopt");
    printf("SO_ERROR: %s\n", error ? strerror(error) : "0, connected");
    close(fd);
    return 0;
}
