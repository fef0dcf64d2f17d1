// What a client and its proxies write into the fields that tell who it is.

#include <saker/http/message/headers.hpp>

#include <string>
#include <string_view>

#include "fuzz_input.hpp"
#include "http/features/forwarded_fields.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::http;
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  // No field has these.
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return 0;
  saker::headers fields;
  for (const auto* const name :
       {"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"}) {
    fields.add(name, value);
    // What the proxy adds.
    fields.add(name, name == std::string_view("Forwarded") ? "for=203.0.113.7" : "203.0.113.7");
  }
  for (const auto& entries : {read_forwarded(fields), read_x_forwarded(fields)}) {
    saker::fuzz::require(!entries.empty() && entries.front().client == "203.0.113.7",
                         "nothing that a client sends hides what the proxy says");
    for (const auto& each : entries) {
      const auto endpoint = to_endpoint(each.client);
      saker::fuzz::require(endpoint.empty() || to_endpoint(endpoint) == endpoint,
                           "an endpoint is one");
    }
  }
  return 0;
}
