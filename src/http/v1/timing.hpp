#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "async/deadline.hpp"
#include "async/turn_share.hpp"
#include "http/v1/client_pace.hpp"
#include "http/v1/request_reader.hpp"

namespace saker::http::v1 {

/// What reads and limits one request after the other: the time limit of the phase, the share of a
/// turn, the pace of the client.
struct timing : async::deadline {
  timing(callback on_deadline, callback read_on, void* owner)
      : async::deadline(on_deadline, owner), share(read_on, owner) {}

  std::unique_ptr<request_reader> reader;
  async::renewed_share share;
  client_pace pace;
  std::chrono::milliseconds idle_rest{0};  ///< Of keep_alive_timeout, after the next look.
  std::uint64_t drained = 0;               ///< Of a body that nobody waits for.
};

}  // namespace saker::http::v1
