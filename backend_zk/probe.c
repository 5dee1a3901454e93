#include "backend_zk/probe.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GREETING_MS = 200, SHOWN = 40, ANSWER = 256 };

/* The result of waiting for an answer: a number of bytes, or one of these. */
enum { SILENT = -1, CLOSED = -2 };

/* Opens a connection. Returns the socket; -1 with errno. */
static int open_connection(const char *address, uint32_t patience_ms)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found = NULL;
    char host[NI_MAXHOST];
    const char *colon = strrchr(address, ':');
    int error = 0;
    socklen_t size = sizeof error;
    int fd;

    errno = EINVAL;
    if (colon == NULL || (size_t)(colon - address) >= sizeof host)
        return -1;
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)
        error = errno;
    freeaddrinfo(found);
    if (fd < 0)
        return -1;
    if (error == 0 && poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, (int)patience_ms) <= 0)
        error = ETIMEDOUT;
    if (error == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

/* Waits for bytes and reads them into `answer`, which is terminated. */
static int hear(int fd, uint32_t patience_ms, char answer[ANSWER])
{
    ssize_t length;

    answer[0] = '\0';
    if (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, (int)patience_ms) <= 0)
        return SILENT;
    length = recv(fd, answer, ANSWER - 1, 0);
    if (length <= 0)
        return CLOSED;
    answer[length] = '\0';
    return (int)length;
}

/* Sends bytes and waits for the answer. */
static int ask(int fd, const void *question, size_t length, uint32_t patience_ms,
               char answer[ANSWER])
{
    answer[0] = '\0';
    if (send(fd, question, length, MSG_NOSIGNAL) < 0)
        return CLOSED;
    return hear(fd, patience_ms, answer);
}

/* Whether bytes begin a record of TLS: a handshake or an alert, of version 3. */
static bool is_tls(const char *answer, int length)
{
    return length >= 2 && (answer[0] == 0x15 || answer[0] == 0x16) && answer[1] == 3;
}

/* Asks with the first message of a TLS client whether the server speaks TLS. */
static bool speaks_tls(const char *address, uint32_t patience_ms)
{
    static const unsigned char hello[] = {
        22, 3,  1,    0,    47,                     /* a handshake record of 47 bytes */
        1,  0,  0,    43,                           /* a client's hello of 43 bytes */
        3,  3,                                      /* TLS 1.2 */
        1,  2,  3,    4,    5,    6,    7,  8,  9,  /* 32 random bytes */
        10, 11, 12,   13,   14,   15,   16, 17, 18, /* */
        19, 20, 21,   22,   23,   24,   25, 26, 27, /* */
        28, 29, 30,   31,   32,                     /* */
        0,                                          /* no session to resume */
        0,  4,  0xc0, 0x2f, 0x00, 0x2f,             /* two ciphers */
        1,  0,                                      /* no compression */
    };
    char answer[ANSWER];
    int fd = open_connection(address, patience_ms);
    int length;

    if (fd < 0)
        return false;
    length = ask(fd, hello, sizeof hello, patience_ms, answer);
    close(fd);
    return is_tls(answer, length);
}

static void say_foreign(const char *address, const char *answer, char *text, size_t size)
{
    char shown[SHOWN + 1];
    size_t i;

    for (i = 0; i < SHOWN && answer[i] != '\0' && answer[i] != '\r' && answer[i] != '\n'; i++)
        shown[i] = isprint((unsigned char)answer[i]) ? answer[i] : '.';
    shown[i] = '\0';
    snprintf(text, size,
             "%s is not a ZooKeeper server: it says \"%s\"; correct the host or the port", address,
             shown);
}

static void say_closed_at_once(const char *address, char *text, size_t size)
{
    snprintf(text, size,
             "%s closes every connection at once: it has too many connections from this machine "
             "(maxClientCnxns) or in all",
             address);
}

static void say_unconnected(const char *address, int error, char *text, size_t size)
{
    if (error == ECONNREFUSED)
        snprintf(text, size,
                 "%s refuses connections: no server listens there; start it, or correct the host "
                 "or the port",
                 address);
    else if (error == ETIMEDOUT)
        snprintf(text, size,
                 "%s does not answer: the machine is down, the address is wrong, or a firewall "
                 "is in the way",
                 address);
    else if (error == EPIPE || error == ECONNRESET)
        say_closed_at_once(address, text, size);
    else
        snprintf(text, size, "%s cannot be reached: %s", address, strerror(error));
}

/* Writes the meaning of the answer to `srvr`. */
static void say_answer(const char *address, uint32_t patience_ms, const char *answer, int length,
                       char *text, size_t size)
{
    if (is_tls(answer, length) || (length <= 0 && speaks_tls(address, patience_ms)))
        snprintf(text, size,
                 "%s expects TLS, which this client does not speak; use the servers' plain client "
                 "port",
                 address);
    else if (strstr(answer, "not currently serving requests") != NULL)
        snprintf(text, size,
                 "%s runs but does not serve: its ensemble has no quorum; start the other servers",
                 address);
    else if (strncmp(answer, "Zookeeper version", 17) == 0 || strstr(answer, "whitelist") != NULL)
        snprintf(text, size,
                 "%s is a ZooKeeper server, but gives no session; it may be overloaded or demand "
                 "authentication: see its log",
                 address);
    else if (length > 0)
        say_foreign(address, answer, text, size);
    else if (length == CLOSED)
        snprintf(text, size,
                 "%s closes the connection without an answer; it is not a ZooKeeper server, or "
                 "does not serve this client: see its log",
                 address);
    else
        snprintf(text, size,
                 "%s accepts connections but does not answer: the server hangs, or is not a "
                 "ZooKeeper server",
                 address);
}

void rota_zk_probe(const char *address, uint32_t patience_ms, char *text, size_t size)
{
    char answer[ANSWER];
    int fd = open_connection(address, patience_ms);
    int length;

    if (fd < 0) {
        say_unconnected(address, errno, text, size);
        return;
    }
    length = hear(fd, GREETING_MS, answer);
    if (length == CLOSED)
        say_closed_at_once(address, text, size);
    else if (length > 0)
        say_foreign(address, answer, text, size);
    else
        say_answer(address, patience_ms, answer, ask(fd, "srvr\n", 5, patience_ms, answer), text,
                   size);
    close(fd);
}
