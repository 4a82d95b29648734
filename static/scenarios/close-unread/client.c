#include <arpa/inet.h>
#include <errno.h>
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
    if (send(fd, "hello, server", 13, 0) < 0)
        die("send");

    char byte;
    ssize_t length = recv(fd, &byte, 1, 0);
    if (length < 0)
        printf("recv(): %s\n", strerror(errno));
    else
        printf("recv() gave %zd\n", length);
    close(fd);
    return 0;
}
