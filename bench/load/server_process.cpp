#include "server_process.hpp"

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include "load_error.hpp"

namespace saker_load {

namespace {

std::string proc(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) throw_errno("CPU time of the server");
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

// The scheduler's own count of nanoseconds, up to this moment; utime and stime in /proc/PID/stat
// are counted in ticks of 10 ms, and /proc/PID/task/*/schedstat forgets threads that have ended.
server_process::server_process(pid_t pid) : pid_(pid) {
  if (const int error = ::clock_getcpuclockid(pid, &clock_); error != 0) {
    errno = error;
    throw_errno("--pid " + std::to_string(pid));
  }
}

std::chrono::nanoseconds server_process::cpu_time() const { return read_clock(clock_); }

std::chrono::nanoseconds server_process::wait_time() const {
  std::chrono::nanoseconds sum{};
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(proc(pid_, "task"), error)) {
    std::ifstream schedstat(task.path() / "schedstat");
    std::int64_t on_cpu = 0;
    std::int64_t waiting = 0;
    if (schedstat >> on_cpu >> waiting) sum += std::chrono::nanoseconds(waiting);
  }
  return sum;
}

std::size_t server_process::resident_bytes() const {
  std::ifstream status(proc(pid_, "status"));
  for (std::string word; status >> word;) {
    std::size_t kibibytes = 0;
    if (word == "VmRSS:" && status >> kibibytes) return kibibytes * 1024;
  }
  throw load_error("the server's process has ended");
}

std::size_t server_process::descriptors() const {
  std::error_code error;
  const std::filesystem::directory_iterator entries(proc(pid_, "fd"), error);
  if (error) throw load_error("descriptors of the server: " + error.message());
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::size_t server_process::settled_resident_bytes(std::chrono::seconds limit) const {
  using namespace std::chrono_literals;
  constexpr std::size_t noise = 65536;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  auto reference = resident_bytes();
  for (int quiet = 0; quiet < 10 && std::chrono::steady_clock::now() < deadline; ++quiet) {
    std::this_thread::sleep_for(100ms);
    const auto now = resident_bytes();
    if (now > reference + noise || now + noise < reference) {
      reference = now;
      quiet = 0;
    }
  }
  return resident_bytes();
}

std::chrono::nanoseconds own_cpu_time() { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace saker_load
