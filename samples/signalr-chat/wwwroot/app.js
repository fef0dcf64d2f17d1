// The page of the SignalR chat sample.

const element = (id) => document.getElementById(id);
const pieceSize = 64; // characters of an uploaded piece

let connection;
let room = "";
let server = "";
let watching;
const typists = new Map();

function show(state, text) {
  element("state").dataset.state = state;
  element("state").textContent = text;
  const connected = state === "connected";
  for (const id of ["sendButton", "joinButton", "loadButton", "uploadButton"]) element(id).disabled = !connected;
  for (const id of ["roomMessageInput", "roomSendButton"]) element(id).disabled = !connected || !room;
}

function add(list, text) {
  const line = document.createElement("li");
  line.textContent = text; // never HTML: it is somebody else's text
  element(list).append(line);
  while (element(list).children.length > 200) element(list).firstChild.remove();
  line.scrollIntoView({ block: "nearest" });
}

async function attempt(work) {
  element("error").textContent = "";
  try { return await work(); } catch (error) { element("error").textContent = error.message; }
}

// Who types is shown until they send or pause.
function showTyping(user) {
  clearTimeout(typists.get(user));
  typists.set(user, setTimeout(() => { typists.delete(user); showTypists(); }, 2000));
  showTypists();
}

function showTypists() {
  const names = [...typists.keys()];
  element("typing").textContent = names.length ? `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing...` : "";
}

const names = { 1: "WebSockets", 2: "Server-Sent Events", 4: "long polling" };

async function start() {
  const transport = Number(element("transport").value);
  connection = new signalR.HubConnectionBuilder()
    .withUrl("chat", { transport })
    .withAutomaticReconnect()
    .withStatefulReconnect()
    .build();
  connection.on("ReceiveMessage", (user, text) => add("messagesList", `${user} says ${text}`));
  connection.on("ReceiveRoomMessage", (from, user, text) => {
    if (from !== room) return;
    clearTimeout(typists.get(user));
    typists.delete(user);
    showTypists();
    add("roomMessages", `${user}: ${text}`);
  });
  connection.on("Typing", (from, user) => { if (from === room) showTyping(user); });
  // Of several servers each counts its own people.
  connection.on("People", (from, count, of) => { if (from === room && of === server) element("people").textContent = `${from}: ${count} here${server && ` on ${server}`}`; });
  connection.onreconnecting(() => show("connecting", "The connection was lost. Coming back..."));
  connection.onreconnected(async () => {
    // It is another connection, perhaps to another server: a member of no room yet.
    server = await connection.invoke("Server");
    if (room) await attempt(() => connection.invoke("JoinRoom", room));
    show("connected", "Connected again.");
  });
  connection.onclose(() => show("closed", "Not connected."));
  show("connecting", "Connecting...");
  try {
    await connection.start();
    server = await connection.invoke("Server");
    show("connected", transport === 7 ? "Connected." : `Connected over ${names[transport]}.`);
  } catch (error) {
    show("closed", `Not connected: ${error.message}`);
  }
}

element("transport").addEventListener("change", async () => {
  stopWatching();
  room = "";
  element("people").textContent = "";
  await connection.stop();
  await start();
});

element("sendForm").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await connection.invoke("Send", element("userInput").value, element("messageInput").value);
    element("messageInput").value = "";
  });
});

element("roomForm").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    room = element("roomInput").value;
    element("roomMessages").replaceChildren();
    await connection.invoke("JoinRoom", room);
    show("connected", element("state").textContent);
  });
});

element("roomMessageInput").addEventListener("input", () => {
  if (room) connection.send("Typing", room, element("userInput").value || "somebody").catch(() => {});
});

element("roomMessageForm").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await connection.invoke("SendToRoom", room, element("userInput").value || "somebody", element("roomMessageInput").value);
    element("roomMessageInput").value = "";
  });
});

function stopWatching() {
  watching?.dispose();
  watching = undefined;
  element("loadButton").textContent = "Watch";
}

element("loadButton").addEventListener("click", () => {
  if (watching) { stopWatching(); return; }
  const samples = [];
  element("loadButton").textContent = "Stop";
  watching = connection.stream("Load", 250).subscribe({
    next: (sample) => {
      samples.push(sample.cpu_percent);
      if (samples.length > 120) samples.shift();
      element("loadLabel").textContent = `${sample.cpu_percent.toFixed(1)} % CPU, ${sample.memory_megabytes} MB, ${sample.connections} connected`;
      draw(samples);
    },
    complete: stopWatching,
    error: stopWatching,
  });
});

function draw(samples) {
  const canvas = element("loadChart");
  const pen = canvas.getContext("2d");
  const most = Math.max(10, ...samples);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = getComputedStyle(document.body).color;
  pen.beginPath();
  samples.forEach((value, i) => pen.lineTo(i * canvas.width / 120, canvas.height - 2 - value / most * (canvas.height - 4)));
  pen.stroke();
}

element("uploadForm").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const pieces = new signalR.Subject();
    const report = connection.invoke("Upload", pieces);
    const text = element("uploadText").value;
    for (let at = 0; at < text.length; at += pieceSize) pieces.next(text.slice(at, at + pieceSize));
    pieces.complete();
    const { chunks, bytes, lines } = await report;
    element("uploadReport").textContent = `${chunks} pieces, ${bytes} bytes, ${lines} line breaks arrived.`;
  });
});

start();
