#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "link.hpp"

namespace saker::simulation {

/// What becomes of a stream.
class h2_stream_user {
 public:
  virtual void on_status(int status) = 0;
  virtual void on_stream_data(std::string_view data) = 0;
  /// The server has ended its side.
  virtual void on_stream_end() = 0;
  /// The stream is over; 0 is no error.
  virtual void on_stream_closed(std::uint32_t error) = 0;

 protected:
  ~h2_stream_user() = default;
};

/// The client's side of HTTP/2 (nghttp2) on a link.
class h2_session {
 public:
  explicit h2_session(link& over);
  ~h2_session();
  h2_session(const h2_session&) = delete;
  h2_session& operator=(const h2_session&) = delete;

  using fields = std::vector<std::pair<std::string, std::string>>;
  /// -1: no stream can be opened any more.
  std::int32_t open(const fields& head, h2_stream_user& user, bool with_body);
  void send(std::int32_t stream, std::string_view data, bool end);
  void reset(std::int32_t stream);
  /// Nothing of what was sent on it waits for its window.
  bool has_sent(std::int32_t stream) const;
  void ping();
  /// The settings of the server have come.
  bool ready() const noexcept;
  bool refused() const noexcept { return gone_; }
  /// False: what came is not HTTP/2.
  bool receive(std::string_view data);
  void flush();

 private:
  struct stream {
    h2_stream_user* user;
    std::string waiting;
    bool ends = false;
    bool deferred = false;
  };

  friend struct h2_callbacks;

  link& link_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, stream> streams_;
  bool gone_ = false;
};

}  // namespace saker::simulation
