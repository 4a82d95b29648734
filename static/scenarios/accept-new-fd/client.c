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
    int one = connected();
    int two = connected();

    char text[32];
    ssize_t length = recv(one, text, sizeof text - 1, 0);
    if (length < 0)
        die("recv");
    text[length] = '\0';
    printf("%s\n", text);
    length = recv(two, text, sizeof text - 1, 0);
    if (length < 0)
        die("recv");
    text[length] = '\0';
    printf("%s\n", text);

    close(one);
    close(two);
    return 0;
}
