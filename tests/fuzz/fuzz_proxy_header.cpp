// What a proxy says in front of a connection.

#include <saker/http/message/headers.hpp>

#include "fuzz_input.hpp"
#include "http/features/forwarded_fields.hpp"
#include "io/proxy_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::io;
  using state = proxy_header::state;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto whole = read_proxy_header(bytes);
  saker::fuzz::require(whole.is != state::complete || whole.size <= size, "a header is there");
  saker::fuzz::require(whole.is != state::incomplete || size < largest_proxy_header,
                       "nobody waits for ever");
  saker::fuzz::require(whole.client.empty() || !saker::http::to_endpoint(whole.client).empty(),
                       "a client has an address");
  if (whole.is == state::complete) {
    saker::fuzz::require(read_proxy_header(bytes.first(whole.size)).client == whole.client,
                         "what follows changes nothing");
    for (std::size_t i = 0; i < whole.size; ++i) {
      saker::fuzz::require(read_proxy_header(bytes.first(i)).is == state::incomplete,
                           "a part of a header is incomplete");
    }
  }
  return 0;
}
