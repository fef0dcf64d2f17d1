class Honest: pass
