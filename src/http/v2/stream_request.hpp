#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <saker/http/message/headers.hpp>

#include "async/deadline.hpp"
#include "async/loop_state.hpp"
#include "http/exchange/data_rate.hpp"

namespace saker::http::v2 {

/// Whether a client takes a response. A stream may get nothing because others have their turn
/// first: then the client takes what is on those.
struct response_pace : async::deadline {
  using async::deadline::deadline;
  data_rate own;
  data_rate all;  ///< Of all streams meanwhile.
  bool is_watched = false;
};

class stream;

/// What a stream has besides its exchange until it becomes a tunnel, which may wait long.
struct stream_request final : async::turn_task {
  explicit stream_request(stream& of) noexcept : owner(of) {}
  void on_turn_end() override;

  stream& owner;
  std::vector<std::byte> early;  ///< Before an accept.
  std::uint64_t drained = 0;     ///< Of a body that nobody wants.
  std::uint64_t sent = 0;
  std::unique_ptr<headers> trailers;
  std::unique_ptr<response_pace> pace;
};

}  // namespace saker::http::v2
