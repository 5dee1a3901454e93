#include "cli/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };

void rota_screen_open(struct rota_screen *s, bool bar)
{
    *s = (struct rota_screen){.bar = bar && isatty(STDERR_FILENO) == 1};
}

void rota_screen_clear(struct rota_screen *s)
{
    if (s == NULL || !s->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    s->shown = false;
}

void rota_screen_say(struct rota_screen *s, const char *format, ...)
{
    va_list arguments;
    rota_screen_clear(s);
    va_start(arguments, format);
    fputs("rota: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    fflush(stderr);
    va_end(arguments);
}

void rota_screen_line(struct rota_screen *s, const char *name, const char *line, size_t length)
{
    rota_screen_clear(s);
    if (name != NULL)
        fprintf(stderr, "%s: ", name);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        putc((c < ' ' && c != '\t') || c == 127 ? '?' : c, stderr);
    }
    putc('\n', stderr);
}

static void draw_bar(const struct rota_screen_counts *c)
{
    char bar[BAR_WIDTH + 1];
    uint64_t ended = c->done + c->failed;
    size_t filled = c->total > 0 ? (size_t)(ended * BAR_WIDTH / c->total) : 0;
    memset(bar, '-', BAR_WIDTH);
    memset(bar, '#', filled);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r\033[K[%s] %llu of %llu%s done, %llu running, %llu failed", bar,
            (unsigned long long)ended, (unsigned long long)c->total, c->total_known ? "" : "+",
            (unsigned long long)c->running, (unsigned long long)c->failed);
    fflush(stderr);
}

void rota_screen_draw(struct rota_screen *s)
{
    if (!s->bar || s->blocked || s->counts.total == 0)
        return;
    if (s->shown && memcmp(&s->counts, &s->drawn, sizeof s->counts) == 0)
        return;
    draw_bar(&s->counts);
    s->drawn = s->counts;
    s->shown = true;
}
