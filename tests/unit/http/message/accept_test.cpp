#include "http/message/accept.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "http/exchange/problem_text.hpp"

namespace saker::http {
namespace {

headers accepting(const std::string& value) {
  headers fields;
  fields.add("Accept", value);
  return fields;
}

struct quality_case {
  std::string accept;
  int quality;
};

TEST(accept, takes_the_most_precise_range) {
  const quality_case cases[] = {
      {"", 1000},
      {"*/*", 1000},
      {"text/*", 1000},
      {"Text/PLAIN", 1000},
      {"text/html", 0},
      {"*/*;q=0.1, text/plain;q=0.5, text/*;q=0.9", 500},
      {"text/plain;q=0.25;ext=1", 250},
      {"text/plain;q=0.025", 25},
      {"text/plain;charset=utf-8 ; Q=0.7", 700},
      {"text/plain;q=0", 0},
      {"*/*, text/plain;q=0.000", 0},
      {"text/plain;q=0.2, text/plain;q=0.3", 300},
      {"text/plain;q=1.000", 1000},
      {"text/plain;q=2", 1000},
      {"text/plain;q=", 1000},
      {"text/plain;note=\"a,b;q=0\"", 1000},
      {"text/plain;note=\"\\\";q=0.1\";q=0.2", 200},
      {"text/plain;note=\"open;q=0.1\\", 1000},
      {"tex/*, plain, /, ;, */plain", 0},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(acceptance_of(accepting(each.accept), "text/plain").quality, each.quality)
        << each.accept;
  }
  EXPECT_EQ(acceptance_of(headers(), "text/plain").quality, 1000);
}

TEST(accept, weighs_content_codings) {
  struct row {
    std::string accept_encoding;
    int br, gzip, identity;
  };
  const row rows[] = {
      {"", 0, 0, 1},
      {"gzip", 0, 1000, 1},
      {"GZip;Q=0.5, br;q=0.25", 250, 500, 1},
      {"x-gzip", 0, 1000, 1},
      {"*", 1000, 1000, 1000},
      {"*;q=0.3, gzip;q=0", 300, 0, 300},
      {"gzip;q=0, *;q=0.3", 300, 0, 300},
      {"*;q=0", 0, 0, 0},
      {"identity;q=0", 0, 0, 0},
      {"identity;q=0, *;q=0.2", 200, 200, 0},
      {"identity, *;q=0", 0, 0, 1000},
      {"br;q=0.001, identity;q=0.002", 1, 0, 2},
      {"br;q=, gzip;q=x", 1000, 1000, 1},
      {"br;q=0.2, br;q=0.4", 400, 0, 1},
      {"brotli, gzip2, *br, ;, ;q=1, \"br\"", 0, 0, 1},
  };
  for (const auto& each : rows) {
    headers fields;
    fields.add("Accept-Encoding", each.accept_encoding);
    const auto accepted = fields.list("Accept-Encoding");
    EXPECT_EQ(coding_quality(accepted, "br"), each.br) << each.accept_encoding;
    EXPECT_EQ(coding_quality(accepted, "gzip"), each.gzip) << each.accept_encoding;
    EXPECT_EQ(coding_quality(accepted, "identity"), each.identity) << each.accept_encoding;
  }
}

TEST(accept, decides_how_a_problem_is_written) {
  struct row {
    std::string accept;
    bool json;
  };
  const row rows[] = {
      {"", true},
      {"*/*", true},
      {"application/*", true},
      {"application/json", true},
      {"application/problem+json", true},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
      {"text/plain", false},
      {"text/html", false},
      {"text/plain, application/json;q=0.9", false},
      {"text/plain;q=0.5, application/json;q=0.9", true},
      {"application/problem+json;q=0, */*", false},
      {"application/json;q=0, application/problem+json", true},
      {"application/json;q=0", false},
      {"*/*;q=0", false},
  };
  for (const auto& each : rows) {
    EXPECT_EQ(prefers_problem_json(accepting(each.accept)), each.json) << each.accept;
  }
  EXPECT_TRUE(prefers_problem_json(headers()));
}

TEST(problem_text, writes_the_members_of_rfc_9457) {
  problem_details problem;
  problem.title = "Not Found";
  EXPECT_EQ(problem_json(problem, 404),
            R"({"type":"about:blank","title":"Not Found","status":404})");
  EXPECT_EQ(problem_text(problem, 404), "404 Not Found\n");

  problem.type = "https://example.com/problems/no-seat";
  problem.detail = "Row \"7\"\n";
  problem.instance = "/seats/7";
  problem.extensions = {{"left", std::int64_t{3}}, {"retry", true}, {"by", "me"}, {"status", 1}};
  EXPECT_EQ(problem_json(problem, 404),
            R"({"type":"https://example.com/problems/no-seat","title":"Not Found","status":404,)"
            R"("detail":"Row \"7\"\n","instance":"/seats/7","left":3,"retry":true,"by":"me"})");
}

}  // namespace
}  // namespace saker::http
