#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <saker/http/message/headers.hpp>

namespace saker::http {

/// What one proxy says of whom it has got the request from. Empty: nothing.
struct forwarded_entry {
  std::string client;  ///< "203.0.113.7:80", "[2001:db8::7]:0", or what it was if that is no IP.
  std::string scheme;
  std::string host;
};

/// The entries of X-Forwarded-For, -Proto and -Host, side by side from their ends. The nearest
/// proxy's is the first.
std::vector<forwarded_entry> read_x_forwarded(const headers& fields);
/// Whether those fields that are there have equally many entries.
bool is_x_forwarded_symmetric(const headers& fields);

/// The elements of Forwarded (RFC 7239, section 4), the nearest proxy's first; up to one that is
/// malformed.
std::vector<forwarded_entry> read_forwarded(const headers& fields);

/// "203.0.113.7", "203.0.113.7:80", "[2001:db8::7]:80", "2001:db8::7" as an endpoint, with port 0
/// where there is none; empty for anything else.
std::string to_endpoint(std::string_view node);

}  // namespace saker::http
