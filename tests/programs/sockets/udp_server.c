#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sends three messages back to whoever sent them. */
int main(void)
{
    struct sockaddr_in own, from;
    socklen_t length;
    char text[64];
    ssize_t n;
    int i, s = socket(AF_INET, SOCK_DGRAM, 0);

    memset(&own, 0, sizeof own);
    own.sin_family = AF_INET;
    own.sin_port = htons(12345);
    own.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(s, (struct sockaddr *)&own, sizeof own) < 0) {
        perror("bind");
        return 1;
    }
    for (i = 0; i < 3; i++) {
        length = sizeof from;
        n = recvfrom(s, text, sizeof text, 0, (struct sockaddr *)&from, &length);
        sendto(s, text, n, 0, (struct sockaddr *)&from, length);
    }
    close(s);
    return 0;
}
