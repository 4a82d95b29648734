#include <arpa/inet.h>
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

/* What the kernel says about the socket's own end. */
static int local_port(int fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        die("getsockname");
    return ntohs(address.sin_port);
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");

    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 5) < 0)
        die("listen");
    printf("listener: descriptor %d, local port %d\n", listener, local_port(listener));

    /* Each call takes one connection out of the accept queue, and sleeps if there is none. */
    int first = accept(listener, NULL, NULL);
    int second = accept(listener, NULL, NULL);
    if (first < 0 || second < 0)
        die("accept");
    printf("first:    descriptor %d, local port %d\n", first, local_port(first));
    printf("second:   descriptor %d, local port %d\n", second, local_port(second));

    /* Closing the listener ends the waiting for new clients, not the talk with these two. */
    close(listener);
    if (send(first, "hello, first", 12, 0) < 0 || send(second, "hello, second", 13, 0) < 0)
        die("send");
    close(first);
    close(second);
    return 0;
}
