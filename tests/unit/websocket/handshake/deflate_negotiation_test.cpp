#include "websocket/handshake/deflate_negotiation.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace saker::websockets {

void PrintTo(const deflate_parameters& parameters, std::ostream* out) {
  *out << parameters.server_context_takeover << parameters.client_context_takeover << ' '
       << int{parameters.server_max_window_bits} << ' ' << int{parameters.client_max_window_bits};
}

namespace {

struct exchange_of_offers {
  const char* offers;
  const char* response;  ///< Empty: declined.
};

std::string response_to(const char* offers, const deflate_parameters& wanted) {
  headers fields;
  fields.add("Sec-WebSocket-Extensions", offers);
  const auto agreed = negotiate_deflate(fields, wanted);
  return agreed ? agreed->response : "";
}

TEST(deflate_negotiation, answers_with_the_default_options) {
  const exchange_of_offers table[] = {
      {"permessage-deflate", "permessage-deflate"},
      {"permessage-deflate; server_no_context_takeover",
       "permessage-deflate; server_no_context_takeover"},
      {"permessage-deflate; client_no_context_takeover",
       "permessage-deflate; client_no_context_takeover"},
      {"permessage-deflate; client_max_window_bits",
       "permessage-deflate; client_max_window_bits=15"},
      {"permessage-deflate; client_max_window_bits=\"9\"",
       "permessage-deflate; client_max_window_bits=9"},
      {"permessage-deflate; client_max_window_bits = 9",
       "permessage-deflate; client_max_window_bits=9"},
      {"permessage-deflate; server_max_window_bits=10",
       "permessage-deflate; server_max_window_bits=10"},
      {"permessage-deflate; server_max_window_bits=10; server_no_context_takeover; "
       "client_no_context_takeover; client_max_window_bits=12",
       "permessage-deflate; client_no_context_takeover; client_max_window_bits=12; "
       "server_no_context_takeover; server_max_window_bits=10"},
      {"permessage-deflate;client_max_window_bits=13;client_no_context_takeover",
       "permessage-deflate; client_max_window_bits=13; client_no_context_takeover"},
      {"x-other; mode=\"a, permessage-deflate\", permessage-deflate", "permessage-deflate"},
  };
  for (const auto& each : table) EXPECT_EQ(response_to(each.offers, {}), each.response);
}

TEST(deflate_negotiation, answers_with_what_the_server_wants) {
  const deflate_parameters wanted{.server_context_takeover = false, .server_max_window_bits = 14};
  const exchange_of_offers table[] = {
      {"permessage-deflate",
       "permessage-deflate; server_no_context_takeover; server_max_window_bits=14"},
      {"permessage-deflate; server_max_window_bits=10",
       "permessage-deflate; server_no_context_takeover; server_max_window_bits=10"},
      {"permessage-deflate; server_max_window_bits=15",
       "permessage-deflate; server_no_context_takeover; server_max_window_bits=14"},
      {"permessage-deflate; client_max_window_bits=12",
       "permessage-deflate; client_max_window_bits=12; server_no_context_takeover; "
       "server_max_window_bits=14"},
  };
  for (const auto& each : table) EXPECT_EQ(response_to(each.offers, wanted), each.response);
}

TEST(deflate_negotiation, takes_the_first_acceptable_offer) {
  const deflate_parameters wanted{.server_max_window_bits = 13};
  EXPECT_EQ(response_to("permessage-deflate; server_max_window_bits=14, permessage-deflate; "
                        "server_max_window_bits=13",
                        wanted),
            "permessage-deflate; server_max_window_bits=13");
  EXPECT_EQ(response_to("permessage-deflate; server_max_window_bits, permessage-deflate;, "
                        "permessage-deflate; server_max_window_bits=11",
                        wanted),
            "permessage-deflate; server_max_window_bits=11");
  EXPECT_EQ(response_to("permessage-deflate; client_max_window_bits=8, permessage-deflate; "
                        "client_max_window_bits=13",
                        wanted),
            "permessage-deflate; client_max_window_bits=13; server_max_window_bits=13");
}

TEST(deflate_negotiation, reads_offers_of_several_fields) {
  headers fields;
  fields.add("Sec-WebSocket-Extensions", "x-webkit-deflate-frame");
  fields.add("sec-websocket-extensions", "permessage-deflate");
  EXPECT_TRUE(negotiate_deflate(fields, {}));
}

TEST(deflate_negotiation, gives_the_parameters) {
  const auto agreed = answer_deflate_offer(
      "permessage-deflate; server_no_context_takeover; "
      "client_no_context_takeover; client_max_window_bits=11",
      {.server_max_window_bits = 12});
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->parameters, (deflate_parameters{false, false, 12, 11}));
}

TEST(deflate_negotiation, declines) {
  for (const char* each : {
           "",
           "permessage-deflate-x",
           "Permessage-Deflate",
           "permessage-bzip2",
           "permessage-deflate; client_max_window_bits=8",
           "permessage-deflate; client_max_window_bits=16",
           "permessage-deflate; client_max_window_bits=\"15",
           "permessage-deflate; client_max_window_bits=14\"",
           "permessage-deflate; client_max_window_bits=\"",
           "permessage-deflate; client_max_window_bits=\"13",
           "permessage-deflate; client_max_window_bits=",
           "permessage-deflate; client_max_window_bits=\"\"",
           "permessage-deflate; client_max_window_bits=09",
           "permessage-deflate; client_max_window_bits=+9",
           "permessage-deflate; client_max_window_bits=9.5",
           "permessage-deflate; client_max_window_bits=99999999999999999999",
           "permessage-deflate; server_max_window_bits=8",
           "permessage-deflate; server_max_window_bits=16",
           // Its value is not optional, as the client's is (RFC 7692, section 7.1.2.1).
           "permessage-deflate; server_max_window_bits",
           "permessage-deflate; server_max_window_bits=",
           "permessage-deflate; server_max_window_bits=\"\"",
           "permessage-deflate; server_max_window_bits=010",
           "permessage-deflate; server_max_window_bits=1O",
           "permessage-deflate; server_max_window_bits; server_max_window_bits=10",
           "permessage-deflate; Server_Max_Window_Bits=10",
           // There is no empty parameter, and what follows one counts.
           "permessage-deflate;",
           "permessage-deflate; ",
           "permessage-deflate;;",
           "permessage-deflate; ; mode=fast",
           "permessage-deflate; ; server_max_window_bits=10",
           "permessage-deflate; server_max_window_bits=10; ; mode=fast",
           "permessage-deflate; client_max_window_bits;",
           "permessage-deflate; =10",
           "permessage-deflate=1",
           "; permessage-deflate",
           "permessage-deflate; server_no_context_takeover=",
           "permessage-deflate; client_no_context_takeover=true",
           "permessage-deflate; client_no_context_takeover server_no_context_takeover",
           "permessage-deflate; client_max_window_bits; client_max_window_bits",
           "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
           "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
           "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
           "permessage-deflate; server_no_context_takeover=1",
           "permessage-deflate; client_no_context_takeover=\"\"",
           "permessage-deflate; mode=fast",
       }) {
    EXPECT_EQ(response_to(each, {}), "") << each;
  }
}

}  // namespace
}  // namespace saker::websockets
