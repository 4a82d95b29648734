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
    /* A second descriptor of the same open file. */
    int copy = dup(fd);
    if (copy < 0)
        die("dup");
    close(fd); /* no FIN */
    if (send(copy, "?", 1, 0) < 0)
        die("send");

    char text[32];
    ssize_t length;
    while ((length = recv(copy, text, sizeof text, 0)) > 0)
        printf("received: %.*s\n", (int)length, text);
    if (length < 0)
        die("recv");
    printf("the last descriptor of the server is closed\n");
    close(copy);
    return 0;
}
