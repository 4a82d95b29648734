#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* client PATH: what a browser does when somebody types http://localhost/PATH. */
int main(int argc, char *argv[])
{
    const char *path = argc > 1 ? argv[1] : "/";

    /* The name becomes an address, the service a port: "http" is 80. */
    struct addrinfo hints, *found;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    int error = getaddrinfo("localhost", "http", &hints, &found);
    if (error != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(error));
        exit(EXIT_FAILURE);
    }
    int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (fd < 0) {
        perror("socket");
        exit(EXIT_FAILURE);
    }
    if (connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
        perror("connect");
        exit(EXIT_FAILURE);
    }
    freeaddrinfo(found);

    /* Lines end with CR LF; the empty one ends the request. */
    if (dprintf(fd, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path) < 0) {
        perror("write");
        exit(EXIT_FAILURE);
    }

    FILE *in = fdopen(fd, "r");
    if (in == NULL) {
        perror("fdopen");
        exit(EXIT_FAILURE);
    }
    char line[256];
    if (fgets(line, sizeof line, in) != NULL)
        printf("status: %s", line);
    while (fgets(line, sizeof line, in) != NULL && strcmp(line, "\r\n") != 0)
        printf("header: %s", line);
    while (fgets(line, sizeof line, in) != NULL)
        printf("body:   %s", line);
    fclose(in);
    return 0;
}
