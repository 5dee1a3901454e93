/* Standard error: sentences for people and, on a terminal, a line that shows the progress. */
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
    uint64_t total;   /* so far */
    bool total_known; /* the total does not grow any more */
};

struct rota_screen {
    bool bar;     /* a line of progress is wanted and standard error is a terminal */
    bool shown;   /* the line is on the terminal now */
    bool blocked; /* standard output, the same terminal, is in the middle of a result */
    struct rota_screen_counts counts;
    struct rota_screen_counts drawn; /* the counts in the line that is shown */
    const char *counted;             /* what is counted, borrowed; NULL: tasks */
    struct rota_log *log;            /* everything is written to it; borrowed; NULL: at once */
    char progress[256];              /* behind the bar: what a task reports, or "" */
    bool progress_changed;           /* since the line was drawn */
};

/* Prepares a screen without a log. With `bar` it shows the progress if standard error is a
 * terminal.
 */
void rota_screen_open(struct rota_screen *s, bool bar);

/* Prints "rota: " and a sentence, on a line of its own. `s` may be NULL. */
void rota_screen_say(struct rota_screen *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints a line of a task's output, with a name before it unless that is NULL. A line is cut after
 * a thousand bytes, and control characters other than tabs are shown as "?". Does not flush. */
void rota_screen_line(struct rota_screen *s, const char *name, const char *line, size_t length);

/* Writes what was printed. */
void rota_screen_flush(struct rota_screen *s);

/* Sets the progress report of a task that is shown behind the bar, with the task's name before it
 * unless that is NULL. A NULL line removes the report. */
void rota_screen_show_progress(struct rota_screen *s, const char *name, const char *line);

/* Draws the line of progress if it has changed and standard output is not in the way. */
void rota_screen_draw(struct rota_screen *s);

/* Removes the line of progress from the terminal. */
void rota_screen_clear(struct rota_screen *s);

#endif
