#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <saker/http/exchange/context.hpp>
#include <saker/signalr/transports/connection_options.hpp>
#include <saker/signalr/transports/metrics.hpp>
#include <saker/websocket/options.hpp>

namespace saker::signalr {

class connection;

/// An endpoint's connections, by their tokens, and how its requests are answered.
///
/// Owner: the application; it outlives the connections' loops. Thread rule: any thread.
class connection_endpoint {
 public:
  explicit connection_endpoint(connection_options options);
  virtual ~connection_endpoint() = default;
  connection_endpoint(const connection_endpoint&) = delete;
  connection_endpoint& operator=(const connection_endpoint&) = delete;

  const connection_options& options() const noexcept { return options_; }

  /// `POST <path>/negotiate`.
  task<void> answer_negotiate(http_context& context);
  /// `POST <path>/refresh`, where clients may bring newer credentials.
  task<void> answer_refresh(http_context& context);
  /// Everything else, at `<path>` itself.
  task<void> answer(http_context& context);

  /// The application on a connection: called on its loop once a transport carries it.
  virtual task<void> run(std::shared_ptr<connection> on) = 0;

  void remove(const connection& gone) noexcept;
  /// No transport carries it now. Where too many wait so, the one that has waited longest ends.
  void begin_waiting(const std::shared_ptr<connection>& which);
  void end_waiting(connection& which) noexcept;

  // Counting, from any thread.
  void count_begin(transport_type transport) noexcept;
  void count_end(transport_type transport, connection_end how,
                 std::chrono::nanoseconds duration) noexcept;
  void count_dropped(std::uint64_t messages) noexcept { dropped_ += messages; }
  connection_metrics metrics() const noexcept;

 private:
  struct counter {
    std::atomic<std::uint64_t> begun = 0;
    std::atomic<std::uint64_t> active = 0;
    std::array<std::atomic<std::uint64_t>, 3> ended{};
    std::atomic<std::uint64_t> nanoseconds = 0;
  };

  std::shared_ptr<connection> create(bool with_own_token, bool reconnect);
  std::shared_ptr<connection> find(std::string_view token) const;
  bool refuse_unauthorized(http_context& context) const;
  std::shared_ptr<connection> require_connection(http_context& context) const;

  task<void> receive_post(http_context& context);
  static task<bool> take_body(http_context& context, connection& on);
  task<void> terminate(http_context& context);
  task<void> refresh(http_context& context);
  struct carried;
  task<void> open_websocket(http_context& context, carried& made);
  void accept(http_context& context, carried& made);
  task<void> serve_websocket(http_context& context);
  task<void> serve_events(http_context& context);
  task<void> serve_poll(http_context& context);

  connection_options options_;
  websocket_options websocket_options_;
  mutable std::mutex mutex_;
  /// By the connections' own tokens.
  std::unordered_map<std::string_view, std::shared_ptr<connection>> connections_;
  std::list<std::weak_ptr<connection>> waiting_;  ///< The first for the longest.
  std::array<counter, 3> counters_;
  std::atomic<std::uint64_t> dropped_ = 0;
};

}  // namespace saker::signalr
