#include "tests/conformance/server_log.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES = 500, LINE_BYTES = 400 };

/* Adds the last lines of a file, each cut to LINE_BYTES. Closes the file, which may be NULL. */
static void add_end(struct text *t, FILE *from)
{
    struct text lines[LINES] = {0};
    char *line = NULL;
    size_t size = 0, count = 0;

    while (from != NULL && getline(&line, &size, from) > 0) {
        struct text *to = &lines[count++ % LINES];

        text_clear(to);
        text_add(to, "%.*s", LINE_BYTES, line);
    }
    for (size_t i = count < LINES ? 0 : count - LINES; i < count; i++) {
        const char *text = text_of(&lines[i % LINES]);

        text_add(t, "%s%s", text, strchr(text, '\n') == NULL ? "\n" : "");
    }
    for (size_t i = 0; i < LINES; i++)
        text_close(&lines[i]);
    free(line);
    if (from != NULL)
        fclose(from);
}

void server_log_add_end(struct text *t, const struct rota_zkserver *server)
{
    char path[512];

    snprintf(path, sizeof path, "%s/log", server->directory);
    text_add(t, "the end of the server's log:\n");
    add_end(t, fopen(path, "re"));
}

/* Finds the newest log of transactions; "" if there is none. */
static void find_log(const struct rota_zkserver *server, char *path, size_t size)
{
    char pattern[512];
    glob_t found = {0};
    struct timespec latest = {0};

    path[0] = '\0';
    snprintf(pattern, sizeof pattern, "%s/data/version-2/log.*", server->directory);
    glob(pattern, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct stat status;

        if (stat(found.gl_pathv[i], &status) != 0 || status.st_mtim.tv_sec < latest.tv_sec ||
            (status.st_mtim.tv_sec == latest.tv_sec && status.st_mtim.tv_nsec < latest.tv_nsec))
            continue;
        latest = status.st_mtim;
        snprintf(path, size, "%s", found.gl_pathv[i]);
    }
    globfree(&found);
}

/* In the child process: executes the tool that prints a log of transactions. */
static void become_toolkit(const char *classes, const char *path, int out)
{
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execlp("java", "java", "-cp", classes, "org.apache.zookeeper.server.persistence.TxnLogToolkit",
           "-d", path, (char *)NULL);
    _exit(127);
}

void server_log_add_transactions(struct text *t, const struct rota_zkserver *server)
{
    struct rota_zkserver asked = *server;
    char classes[1024], path[512];
    int ends[2];
    pid_t child;

    text_add(t, "its last transactions:\n");
    find_log(server, path, sizeof path);
    if (!rota_zkserver_classes(&asked, classes, sizeof classes) || pipe(ends) != 0)
        return;
    child = fork();
    if (child == 0)
        become_toolkit(classes, path, ends[1]);
    close(ends[1]);
    add_end(t, fdopen(ends[0], "r"));
    if (child > 0)
        waitpid(child, NULL, 0);
}
