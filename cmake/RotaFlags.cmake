# Flags as interface targets; nothing global but the language level.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Assertions stay on in every build, so -DNDEBUG leaves the release flags.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${config} "${CMAKE_C_FLAGS_${config}}")
endforeach()

add_library(rota_flags INTERFACE)
target_include_directories(rota_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(rota_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
                                            -fno-common)

# The system's own headers beyond C17, for the rooms that touch the system.
add_library(rota_posix INTERFACE)
target_compile_definitions(rota_posix INTERFACE _GNU_SOURCE)

if(ROTA_COVERAGE)
  # Counters are bumped by the C client's threads too.
  target_compile_definitions(rota_flags INTERFACE ROTA_COVERAGE)
  target_compile_options(rota_flags INTERFACE --coverage -O0 -fprofile-update=atomic)
  target_link_options(rota_flags INTERFACE --coverage)
endif()
if(ROTA_SANITIZE)
  target_compile_options(rota_flags INTERFACE -fsanitize=${ROTA_SANITIZE} -fno-omit-frame-pointer
                                              -fno-sanitize-recover=all)
  target_link_options(rota_flags INTERFACE -fsanitize=${ROTA_SANITIZE})
endif()
