#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <saker/http/message/headers.hpp>

namespace saker::detail {

/// The head of a request, stored once: its parts are places in the text of its fields.
struct stored_head {
  /// An idle connection keeps many of these.
  struct part {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  std::string_view text(part where) const noexcept {
    return std::string_view(fields.storage()).substr(where.begin, where.size);
  }

  headers fields;
  part method;
  part target;
  part query;
  part host;
  part connect_protocol;
  const char* protocol = "";  ///< Static text.
  std::optional<std::uint64_t> content_length;
  std::string path;             ///< Decoded.
  std::uint32_t base_size = 0;  ///< What `map` branches have removed from its front.
  bool has_body = false;
};

}  // namespace saker::detail
