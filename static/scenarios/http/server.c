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

/* Reads a request up to its empty line; what its first line asks for goes to `path`. */
static void read_request(int client, char path[64])
{
    FILE *in = fdopen(dup(client), "r");
    if (in == NULL)
        die("fdopen");
    char line[256];
    if (fgets(line, sizeof line, in) == NULL || sscanf(line, "GET %63s HTTP/1.1", path) != 1)
        strcpy(path, "?");
    while (fgets(line, sizeof line, in) != NULL && strcmp(line, "\r\n") != 0)
        continue;
    fclose(in);
}

static void answer(int client, const char *status, const char *body)
{
    if (dprintf(client,
                "HTTP/1.1 %s\r\n"
                "Content-Type: text/html\r\n"
                "Content-Length: %zu\r\n"
                "Connection: close\r\n"
                "\r\n"
                "%s",
                status, strlen(body), body) < 0)
        die("write");
}

/* Answers two requests. */
int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(80);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 80");
    if (listen(listener, 5) < 0)
        die("listen");

    for (int i = 0; i < 2; i++) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            die("accept");
        char path[64];
        read_request(client, path);
        printf("GET %s\n", path);
        if (strcmp(path, "/") == 0)
            answer(client, "200 OK", "<h1>Hello</h1>\n");
        else
            answer(client, "404 Not Found", "<h1>There is no such page</h1>\n");
        close(client); /* the end of the body, and of the connection */
    }
    close(listener);
    return 0;
}
