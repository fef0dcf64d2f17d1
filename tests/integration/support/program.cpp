#include "support/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

extern char** environ;

namespace saker::testing {
namespace {

using clock = std::chrono::steady_clock;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

bool read_into(int& pipe, std::string& text) {
  char buffer[4096];
  const auto count = ::read(pipe, buffer, sizeof buffer);
  if (count > 0) {
    text.append(buffer, static_cast<std::size_t>(count));
    return true;
  }
  ::close(pipe);
  pipe = -1;
  return false;
}

}  // namespace

program::program(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment) {
  int output[2];
  int errors[2];
  if (::pipe2(output, O_CLOEXEC) != 0 || ::pipe2(errors, O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, errors[1], 2);
  auto words = arguments;
  auto variables = environment;
  for (char** each = environ; *each; ++each) {
    if (!std::string_view(*each).starts_with("SAKER_URLS=")) variables.emplace_back(*each);
  }
  const int result = ::posix_spawn(&pid_, words.front().c_str(), &actions, nullptr,
                                   pointers(words).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  ::close(errors[1]);
  output_pipe_ = output[0];
  error_pipe_ = errors[0];
  if (result != 0) throw std::runtime_error("The program cannot be started: " + words.front());
}

program::~program() {
  if (!exited_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_pipe_ >= 0) ::close(output_pipe_);
  if (error_pipe_ >= 0) ::close(error_pipe_);
}

bool program::read_more(clock::time_point deadline) {
  pollfd waiting[2] = {{output_pipe_, POLLIN, 0}, {error_pipe_, POLLIN, 0}};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
  if (left.count() <= 0 || (output_pipe_ < 0 && error_pipe_ < 0)) return false;
  if (::poll(waiting, 2, static_cast<int>(left.count())) <= 0) return false;
  if (waiting[0].revents != 0) read_into(output_pipe_, output_);
  if (waiting[1].revents != 0) read_into(error_pipe_, errors_);
  return true;
}

std::string program::wait_for_output(const std::string& text) {
  const auto deadline = clock::now() + patience;
  for (;;) {
    const auto found = output_.find(text);
    if (found != std::string::npos) {
      auto result = output_.substr(0, found + text.size());
      output_.erase(0, found + text.size());
      return result;
    }
    if (!read_more(deadline)) {
      throw std::runtime_error("'" + text + "' was not written, but: " + output_ + errors_);
    }
  }
}

std::uint16_t program::wait_for_port() {
  wait_for_output("Now listening on: http://");
  const auto line = wait_for_output("\n");
  return static_cast<std::uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
}

void program::signal(int number) const { ::kill(pid_, number); }

int program::wait_for_exit() {
  const auto deadline = clock::now() + 2 * patience;
  while (output_pipe_ >= 0 || error_pipe_ >= 0) {
    if (!read_more(deadline)) throw std::runtime_error("The program has not ended in time.");
  }
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) throw std::runtime_error("waitpid");
  exited_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace saker::testing
