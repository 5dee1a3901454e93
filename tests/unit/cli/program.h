/* The program under test as a child process: its input given, its output caught, its end awaited,
 * all within a bound. */
#ifndef ROTA_TESTS_UNIT_CLI_PROGRAM_H
#define ROTA_TESTS_UNIT_CLI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

enum { PROGRAM_ARGUMENTS = 24 };

struct program_stream {
    struct program *program;
    uv_pipe_t pipe;
    char *data; /* terminated */
    size_t length;
    bool open;
};

struct program {
    uv_loop_t loop;
    uv_process_t process;
    uv_timer_t patience;
    uv_pipe_t input;
    struct program_stream out;
    struct program_stream err;
    bool ended;
    bool out_of_patience;
    int status;
    int signal;
};

/* Starts `rota` with these words, the last of which is NULL; its standard input is open until
 * program_close_input. Freed by program_close. A program that cannot be started fails the test. */
struct program *program_start(const char *const *words);

#define PROGRAM_START(...) program_start((const char *const[]){__VA_ARGS__, NULL})

/* Runs it to its end with this input, "" for none. Returns the exit status, 256 and more for a
 * signal. */
int program_run(struct program **p, const char *input, size_t length, const char *const *words);

#define PROGRAM_RUN(p, input, ...)                                                                 \
    program_run((p), (input), strlen(input), (const char *const[]){__VA_ARGS__, NULL})

/* Writes to its standard input, and closes it. */
void program_write(struct program *p, const char *data, size_t length);
void program_close_input(struct program *p);

/* Waits until one of its streams holds that text; the test fails if it does not in time. */
void program_await(struct program *p, const struct program_stream *stream, const char *text);

/* Waits for its end. Returns the exit status, 256 and more for a signal. */
int program_end(struct program *p);

/* Ends it if it runs, and frees everything. */
void program_close(struct program *p);

/* A fresh file with this content; its path is written into `path`. */
void program_file(char path[64], const char *data, size_t length);

/* The number a file holds, once it holds one: the test fails if it does not in time. */
int program_await_number(struct program *p, const char *path);

/* Waits until no process has that id. */
void program_await_death(struct program *p, int pid);

#endif
