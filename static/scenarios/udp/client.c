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
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    /* connect() sends nothing: it writes the peer's address into the socket. */
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");

    if (send(fd, "a longer datagram", 17, 0) < 0)
        die("send");
    char text[32];
    ssize_t size = recv(fd, text, sizeof text, 0);
    if (size < 0)
        die("recv");
    printf("received %zd bytes: %.*s\n", size, (int)size, text);

    /* The server's socket is closed by now. Sending succeeds all the same. */
    if (send(fd, "anyone?", 7, 0) < 0)
        die("send");
    printf("sent to nobody\n");
    if (recv(fd, text, sizeof text, 0) < 0)
        printf("recv(): %s\n", strerror(errno));
    close(fd);
    return 0;
}
