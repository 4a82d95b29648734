#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int starts(const char *line, const char *word)
{
    return strncasecmp(line, word, strlen(word)) == 0;
}

/* Reads the mail up to the line that is only a dot. */
static void take_mail(FILE *in)
{
    char line[256];
    while (fgets(line, sizeof line, in) != NULL && strcmp(line, ".\r\n") != 0) {
        /* A line that begins with a dot was sent with one more. */
        const char *text = line[0] == '.' ? line + 1 : line;
        printf("mail| %s", text);
    }
}

/* One session: a line from the client, a line with a number from us. */
static void serve(int client)
{
    FILE *in = fdopen(client, "r");
    if (in == NULL)
        die("fdopen");
    int recipients = 0;
    char line[256];
    dprintf(client, "220 mail.example.net ready\r\n"); /* the server speaks first */
    while (fgets(line, sizeof line, in) != NULL) {
        if (starts(line, "HELO ")) {
            dprintf(client, "250 mail.example.net\r\n");
        } else if (starts(line, "MAIL FROM:")) {
            dprintf(client, "250 sender accepted\r\n");
        } else if (starts(line, "RCPT TO:<lee@")) {
            recipients++;
            dprintf(client, "250 recipient accepted\r\n");
        } else if (starts(line, "RCPT TO:")) {
            dprintf(client, "550 no such user here\r\n");
        } else if (starts(line, "DATA") && recipients == 0) {
            dprintf(client, "503 need RCPT first\r\n");
        } else if (starts(line, "DATA")) {
            dprintf(client, "354 end with a dot on a line of its own\r\n");
            take_mail(in);
            dprintf(client, "250 accepted for delivery\r\n");
        } else if (starts(line, "QUIT")) {
            dprintf(client, "221 bye\r\n");
            break;
        } else {
            dprintf(client, "500 command not recognized\r\n");
        }
    }
    fclose(in); /* closes the connection, too */
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(25);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 25");
    if (listen(listener, 5) < 0)
        die("listen");
    int client = accept(listener, NULL, NULL);
    if (client < 0)
        die("accept");
    serve(client);
    close(listener);
    return 0;
}
