#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

#include <saker/signalr/transports/metrics.hpp>

namespace saker::signalr {

/// Says how far a connection's life has gone: that of the application on it, and its own.
///
/// Owner: the connection. Thread rule: its loop.
class connection_lifetime {
 public:
  /// False: it has been started before.
  bool start_application() noexcept {
    if (has_started()) return false;
    application_ = application::runs;
    return true;
  }
  void end_application() noexcept { application_ = application::done; }
  bool has_started() const noexcept {
    return application_ == application::runs || application_ == application::done;
  }
  /// It has ended, or nobody started it before the end.
  bool is_application_over() const noexcept {
    return application_ == application::done || application_ == application::not_wanted;
  }

  /// No transport carries it any more. False: that was so before.
  bool end() noexcept {
    if (has_ended()) return false;
    stage_ = stage::ended;
    if (!has_started()) application_ = application::not_wanted;
    return true;
  }
  bool has_ended() const noexcept { return stage_ == stage::ended || stage_ == stage::disposed; }
  /// A poll was told that the application has ended: none comes any more.
  void note_told() noexcept {
    if (stage_ == stage::open) stage_ = stage::told;
  }
  /// Polls may come for what the application has left.
  bool is_open() const noexcept { return stage_ == stage::open; }
  void dispose() noexcept { stage_ = stage::disposed; }
  bool is_disposed() const noexcept { return stage_ == stage::disposed; }

  /// It ends since the client has let too much time pass.
  void expire() noexcept { how_ = connection_end::timeout; }
  connection_end how() const noexcept { return how_; }
  std::chrono::nanoseconds duration() const { return std::chrono::steady_clock::now() - began_; }

  std::stop_token closed() const noexcept { return closed_.get_token(); }
  /// What is told may let go of this.
  void signal_closed() {
    auto closed = closed_;
    closed.request_stop();
  }

 private:
  enum class application : std::uint8_t { not_started, not_wanted, runs, done };
  enum class stage : std::uint8_t { open, told, ended, disposed };

  application application_ = application::not_started;
  stage stage_ = stage::open;
  connection_end how_ = connection_end::normal_closure;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::stop_source closed_;
};

}  // namespace saker::signalr
