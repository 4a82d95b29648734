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
    /* Both ends in one program, so that nobody reads while we send. */
    int ends[2];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    /* A small receive buffer, which the accepted socket inherits. */
    int size = 4096;
    if (setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0)
        die("setsockopt");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 5) < 0)
        die("listen");
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (ends[0] < 0)
        die("socket");
    if (connect(ends[0], (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    ends[1] = accept(listener, NULL, NULL);
    if (ends[1] < 0)
        die("accept");

    /* A small send buffer, and more than fits into it and the peer's receive buffer together. */
    static char block[1 << 20];
    size = 8192;
    if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0)
        die("setsockopt");
    ssize_t sent = send(ends[0], block, sizeof block, MSG_DONTWAIT);
    if (sent < 0)
        die("send");
    printf("of %zu bytes the kernel took %s\n", sizeof block, sent < (ssize_t)sizeof block ? "a part" : "all");
    if (send(ends[0], block, sizeof block, MSG_DONTWAIT) < 0)
        printf("and then no more: %s\n", strerror(errno));

    struct pollfd writable = {.fd = ends[0], .events = POLLOUT};
    if (poll(&writable, 1, 0) < 0)
        die("poll");
    printf("poll() says writable: %s\n", writable.revents & POLLOUT ? "yes" : "no");

    /* As the reader takes bytes out, the window opens and the rest flows. */
    if (recv(ends[1], block, sent, MSG_WAITALL) != sent)
        die("recv");
    printf("every byte of that part has arrived\n");
    if (poll(&writable, 1, 1000) < 0)
        die("poll");
    printf("poll() says writable: %s\n", writable.revents & POLLOUT ? "yes" : "no");

    close(ends[0]);
    close(ends[1]);
    close(listener);
    return 0;
}
