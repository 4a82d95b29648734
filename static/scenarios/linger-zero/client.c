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

int main(void)
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
    /* Linger for zero seconds: do not end the connection, break it off. */
    struct linger off = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof off) < 0)
        die("setsockopt");
    close(fd);
    printf("closed: no FIN, no TIME_WAIT\n");
    return 0;
}
