#include "ftp.h"

/* Sends a command, if there is one, and prints the reply; it stays in `line`. */
static void ask(int control, FILE *in, const char *command, char line[128])
{
    if (command != NULL) {
        printf("C: %s\n", command);
        if (dprintf(control, "%s\r\n", command) < 0)
            die("write");
    }
    if (fgets(line, 128, in) == NULL) {
        fprintf(stderr, "the server has closed\n");
        exit(EXIT_FAILURE);
    }
    printf("S: %s", line);
}

/* client passive | client active: fetches a file. */
int main(int argc, char *argv[])
{
    int active = argc > 1 && strcmp(argv[1], "active") == 0;
    int control = tcp_socket();
    connect_to(control, 21);
    FILE *in = fdopen(control, "r");
    if (in == NULL)
        die("fdopen");
    char line[128];
    ask(control, in, NULL, line);
    ask(control, in, "USER anonymous", line);

    int data, listener = -1;
    if (active) {
        /* We listen, and tell the server where. 6001 is 23 * 256 + 113. */
        listener = bound_to(6001);
        if (listen(listener, 1) < 0)
            die("listen");
        ask(control, in, "PORT 127,0,0,1,23,113", line);
        ask(control, in, "RETR hello.txt", line);
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        data = accept(listener, (struct sockaddr *)&from, &length);
        if (data < 0)
            die("accept");
        printf("the server connected to us, from port %d\n", ntohs(from.sin_port));
        close(listener);
    } else {
        /* The server listens, and tells us where. */
        int high = 0, low = 0;
        ask(control, in, "PASV", line);
        sscanf(line, "227 Entering Passive Mode (127,0,0,1,%d,%d)", &high, &low);
        data = tcp_socket();
        connect_to(data, high * 256 + low);
        printf("we connected to the server, to port %d\n", high * 256 + low);
        ask(control, in, "RETR hello.txt", line);
    }

    char text[64];
    ssize_t length;
    while ((length = recv(data, text, sizeof text, 0)) > 0)
        printf("file| %.*s", (int)length, text);
    if (length < 0)
        die("recv");
    close(data);
    ask(control, in, NULL, line);
    ask(control, in, "QUIT", line);
    fclose(in);
    return 0;
}
