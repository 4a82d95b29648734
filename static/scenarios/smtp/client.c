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

/* Waits for the server's line and gives its number. */
static int reply(FILE *in)
{
    char line[256];
    if (fgets(line, sizeof line, in) == NULL) {
        fprintf(stderr, "the server has closed\n");
        exit(EXIT_FAILURE);
    }
    printf("S: %s", line);
    return atoi(line);
}

/* Sends a command and gives the number of the reply. */
static int command(int fd, FILE *in, const char *text)
{
    printf("C: %s\n", text);
    if (dprintf(fd, "%s\r\n", text) < 0)
        die("write");
    return reply(in);
}

/* Headers, an empty line, the text. ".profile" is sent with one more dot. */
static const char mail[] = "From: <kim@example.org>\r\n"
                           "To: <lee@example.net>\r\n"
                           "Subject: the hidden file\r\n"
                           "\r\n"
                           "It is called\r\n"
                           "..profile\r\n"
                           ".\r\n";

int main(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(25);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    FILE *in = fdopen(fd, "r");
    if (in == NULL)
        die("fdopen");

    if (reply(in) != 220)
        exit(EXIT_FAILURE);
    command(fd, in, "HELO client.example.org");
    command(fd, in, "MAIL FROM:<kim@example.org>");
    command(fd, in, "RCPT TO:<park@example.net>");
    command(fd, in, "DATA");
    command(fd, in, "RCPT TO:<lee@example.net>");
    if (command(fd, in, "DATA") == 354) {
        if (send(fd, mail, strlen(mail), 0) < 0)
            die("send");
        reply(in);
    }
    command(fd, in, "QUIT");
    fclose(in);
    return 0;
}
