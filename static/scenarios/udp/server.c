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
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");

    /* No listen(), no accept(): every datagram says itself whom it is from. */
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    char text[8];
    ssize_t size = recvfrom(fd, text, sizeof text, MSG_TRUNC, (struct sockaddr *)&from, &length);
    if (size < 0)
        die("recvfrom");
    printf("a datagram of %zd bytes, the first 8: %.8s\n", size, text);

    if (sendto(fd, "short", 5, 0, (struct sockaddr *)&from, length) < 0)
        die("sendto");
    close(fd);
    return 0;
}
