#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Three messages and their echoes, one of them empty; then nobody is there any more. */
int main(void)
{
    const char *messages[] = { "Hello, server!", "", "bye" };
    struct sockaddr_in to;
    char text[64];
    ssize_t n;
    int i, s = socket(AF_INET, SOCK_DGRAM, 0);

    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_port = htons(12345);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(s, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("connect");
        return 1;
    }
    for (i = 0; i < 3; i++) {
        send(s, messages[i], strlen(messages[i]), 0);
        n = recv(s, text, sizeof text, 0);
        printf("%zd bytes: %.*s\n", n, (int)n, text);
    }
    close(s);
    return 0;
}
