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

static void tell(const char *what, long result)
{
    if (result < 0)
        printf("%s: %s\n", what, strerror(errno));
    else
        printf("%s: %ld\n", what, result);
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

    /* One client at a time: the next one waits in the accept queue. */
    int first = accept(listener, NULL, NULL);
    if (first < 0)
        die("accept");
    char text[16];
    while (recv(first, text, sizeof text, 0) > 0)
        continue;
    close(first);

    /* Meanwhile the next one has come and gone. */
    socklen_t length = sizeof address;
    int second = accept(listener, (struct sockaddr *)&address, &length);
    if (second < 0)
        die("accept");
    printf("accept(): %d, from %s\n", second, inet_ntoa(address.sin_addr));
    tell("getpeername()", getpeername(second, (struct sockaddr *)&address, &length));
    tell("recv()", recv(second, text, sizeof text, 0));
    tell("recv() again", recv(second, text, sizeof text, 0));
    tell("send()", send(second, "hello", 5, MSG_NOSIGNAL));
    close(second);
    close(listener);
    return 0;
}
