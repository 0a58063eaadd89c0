"use strict";
// EC2 Manager, release @RELEASE@.
const api = "@API@";

async function list() {
  const answer = await fetch(`${api}instances`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The API answered ${answer.status}.`);
  return answer.json();
}

function row(instance) {
  const line = document.createElement("p");
  line.textContent = `${instance.id}  ${instance.type}  ${instance.state}`;
  return line;
}

list()
  .then((instances) => document.getElementById("instances").replaceChildren(...instances.map(row)))
  .catch((error) => { document.getElementById("instances").textContent = error.message; });
