# What every target of the project has in common: the language, the warnings, the sanitizers, where programs land.

if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  find_program(SAKER_CCACHE ccache)
  if(SAKER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${SAKER_CCACHE})
    if(SAKER_PRECOMPILE_HEADERS)
      list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER
           ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros)
    endif()
  endif()
endif()

add_library(saker_options INTERFACE)
target_compile_options(saker_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)
if(SAKER_WARNINGS_AS_ERRORS)
  target_compile_options(saker_options INTERFACE -Werror)
endif()
if(SAKER_SANITIZE)
  target_compile_options(saker_options INTERFACE
    -fsanitize=${SAKER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(saker_options INTERFACE -fsanitize=${SAKER_SANITIZE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 warns of overlaps in concatenated std::strings that cannot be (its bug 105651).
  target_compile_options(saker_options INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND SAKER_SANITIZE)
  # g++ 12 reports uninitialised coroutine frame members when its sanitizers are on.
  target_compile_options(saker_options INTERFACE -Wno-maybe-uninitialized)
endif()
if(SAKER_BUILD_FUZZERS)
  target_compile_options(saker_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(saker_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# The headers of others that most files of a target include. Off where the files are to show that
# they include what they use.
function(saker_precompile_headers target)
  if(NOT SAKER_PRECOMPILE_HEADERS)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE
    <algorithm> <any> <array> <atomic> <charconv> <chrono> <coroutine> <deque> <exception>
    <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <stdexcept> <stop_token>
    <string> <string_view> <system_error> <thread> <tuple> <unordered_map> <utility> <variant>
    <vector>
    <boost/asio/deferred.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp>
    ${ARGN})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
