/* Standard error: sentences for people, and on a terminal a line that shows how far the work is. */
#ifndef ROTA_CLI_BASE_SCREEN_H
#define ROTA_CLI_BASE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "cli/base/log.h"

struct rota_screen_counts {
    uint64_t done;
    uint64_t failed;
    uint64_t running;
    uint64_t total; /* so far */
    bool total_known;
};

struct rota_screen {
    bool bar;     /* a line of progress is wanted and standard error is a terminal */
    bool shown;   /* it stands on the terminal now */
    bool blocked; /* standard output, the same terminal, is in the middle of something */
    struct rota_screen_counts counts;
    struct rota_screen_counts drawn;
    const char *what;     /* is counted, borrowed; NULL: tasks, which run and fail */
    struct rota_log *log; /* where all of it goes; borrowed, NULL: at once */
    char news[256];       /* behind the bar: what a task says about itself; "" for nothing */
    bool fresh;           /* they have not been drawn */
};

/* Prepares a screen without a log; with `bar` it shows progress if standard error is a terminal. */
void rota_screen_open(struct rota_screen *s, bool bar);

/* Prints "rota: " and a sentence, on a line of its own. `s` may be NULL. */
void rota_screen_say(struct rota_screen *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints bytes that others say as a line, with a name before it unless that is NULL; at most a
 * thousand are a line, and control characters but tabs are shown as "?". Does not flush. */
void rota_screen_line(struct rota_screen *s, const char *name, const char *line, size_t length);

/* What has been printed is on its way. */
void rota_screen_flush(struct rota_screen *s);

/* Shows what a task says about itself behind the bar, with its name before it unless that is NULL;
 * nothing if `line` is NULL. */
void rota_screen_tell(struct rota_screen *s, const char *name, const char *line);

/* Draws the progress anew if it has changed and nothing stands in the way. */
void rota_screen_draw(struct rota_screen *s);

/* Takes the progress away. */
void rota_screen_clear(struct rota_screen *s);

#endif
