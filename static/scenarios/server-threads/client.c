#include <arpa/inet.h>
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

/* Prints the answer and gives 1; 0 if none came within 300 milliseconds. */
static int answer(const char *who, int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int n = poll(&ready, 1, 300);
    if (n < 0)
        die("poll");
    if (n == 0) {
        printf("%s: no answer yet\n", who);
        return 0;
    }
    char text[32];
    ssize_t length = recv(fd, text, sizeof text, 0);
    if (length < 0)
        die("recv");
    printf("%s: %.*s\n", who, (int)length, text);
    return 1;
}

int main(void)
{
    /* Two connections: the first has nothing to say for a while. */
    int quiet = connected();
    int talker = connected();

    if (send(talker, "hello", 5, 0) < 0)
        die("send");
    int answered = answer("talker", talker);

    if (send(quiet, "hi", 2, 0) < 0)
        die("send");
    answer("quiet", quiet);
    close(quiet);
    if (!answered)
        answer("talker", talker);
    close(talker);
    return 0;
}
