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

/* Four times: says something, reads the answer, closes. */
int main(void)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    for (int i = 1; i <= 4; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0)
            die("socket");
        if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
            die("connect");
        printf("client %d: connected\n", i);
        if (send(fd, "hello", 5, 0) < 0)
            die("send");
        char text[16];
        ssize_t length = recv(fd, text, sizeof text, 0);
        if (length < 0)
            die("recv");
        printf("client %d: %.*s\n", i, (int)length, text);
        close(fd);
    }
    return 0;
}
