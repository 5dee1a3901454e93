/* The program rota: finds the command and calls its main function. */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands/command.h"
#include "cli/runner/guard.h"
#include "harness/language/nearest.h"
#include "model/seam/event.h"
#include "system/memory.h"

static const struct rota_command *const commands[] = {
    &rota_command_run,    &rota_command_init,    &rota_command_master, &rota_command_worker,
    &rota_command_submit, &rota_command_wait,    &rota_command_cancel, &rota_command_retry,
    &rota_command_drain,  &rota_command_undrain, &rota_command_list,   &rota_command_history,
    &rota_command_status, &rota_command_sim,     &rota_command_shell,
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static const struct rota_command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_overview(FILE *stream)
{
    fputs("usage: rota COMMAND [OPTION...]\n"
          "\n"
          "rota spreads tasks over workers. Masters stand for election on ZooKeeper; the elected "
          "one\n"
          "assigns each task to a worker, and clients collect the results.\n"
          "\n",
          stream);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stream, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n"
          "  rota help COMMAND   describes one command\n"
          "  rota --version      prints the version\n"
          "\n"
          "Exit status: 0 every task is done; 1 a task ended with another status; 2 wrong usage;\n"
          "3 ZooKeeper cannot be reached, or the tree does not exist (rota init creates it);\n"
          "4 refused (no permission, the name is taken, a limit is reached); 130 interrupted.\n",
          stream);
}

static int refuse_unknown(const char *name)
{
    const char *names[COMMANDS + 1] = {0};

    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    const char *near = rota_nearest(name, names);
    if (near != NULL)
        fprintf(stderr, "rota: there is no command \"%s\"; did you mean \"%s\"? See rota help\n",
                name, near);
    else
        fprintf(stderr, "rota: there is no command \"%s\"; see rota help\n", name);
    return ROTA_EXIT_USAGE;
}

static int help(const char *name)
{
    char full[64];
    char usage[] = "--help";
    char *argv[] = {full, usage, NULL};

    if (name == NULL) {
        print_overview(stdout);
        return ROTA_EXIT_DONE;
    }
    const struct rota_command *command = find(name);
    if (command == NULL)
        return refuse_unknown(name);
    snprintf(full, sizeof full, "rota %s", name);
    return command->main(2, argv);
}

/* Opens /dev/null, read-only, for each standard descriptor that is closed. Otherwise a file that is
 * opened later would take its place. */
static void fill_standard_descriptors(void)
{
    int descriptor;

    do
        descriptor = open("/dev/null", O_RDONLY);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO)
        close(descriptor);
}

static int dispatch(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    char full[64];

    if (word == NULL) {
        print_overview(stderr);
        return ROTA_EXIT_USAGE;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts("rota " ROTA_VERSION);
        return ROTA_EXIT_DONE;
    }
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (strcmp(word, "guard") == 0)
        return rota_guard_main(argc - 1, argv + 1);
    const struct rota_command *command = find(word);
    if (command == NULL)
        return refuse_unknown(word);
    snprintf(full, sizeof full, "rota %s", word);
    argv[1] = full;
    return command->main(argc - 1, argv + 1);
}

/* The memory of jansson: with it no value is NULL for want of memory, and no caller asks. */
static void *take_json_memory(size_t bytes)
{
    return rota_memory_grow(NULL, bytes);
}

int main(int argc, char **argv)
{
    json_set_alloc_funcs(take_json_memory, free);
    fill_standard_descriptors();
    setvbuf(stderr, NULL, _IOFBF, BUFSIZ); /* each sentence is flushed by its writer */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    int status = dispatch(argc, argv);
    bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (!written && status == ROTA_EXIT_DONE) {
        fputs("rota: standard output cannot be written\n", stderr);
        status = ROTA_EXIT_FAILED;
    }
    return status;
}
