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

static int connected(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    return fd;
}

int main(void)
{
    /* The server is busy with this one ... */
    int first = connected();

    /* ... while this one is connected and broken off: linger 0 makes close() send RST. */
    int second = connected();
    struct linger off = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(second, SOL_SOCKET, SO_LINGER, &off, sizeof off) < 0)
        die("setsockopt");
    close(second);
    printf("the second connection is broken off\n");

    close(first);
    return 0;
}
