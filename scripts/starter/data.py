# Token rows for training, made while it runs: every worker draws files by language weight, cuts fill-in-the-middle tasks at
# character level, plain files with headers, chat pairs from documentation comments, and packs them into rows.
#   data.py WORKER_INDEX N_WORKERS DATA_DIR SHARD_DIR      (reads DATA_DIR/part*.jsonl as they arrive; T from SHARD_DIR/T)
import sys,os,json,random,re,glob,time,hashlib,collections,bisect
os.environ['TOKENIZERS_PARALLELISM']='false'; os.environ['RAYON_NUM_THREADS']='1'
import numpy as np
from chat import chats,seed
from tok import build
EOT,IMS,IME,PRE,MID,SUF,PAD,REPO,SEP=range(8176,8185)
tok=build(False)
def enc(t): return tok.encode(t,add_special_tokens=False).ids if t else []
NL=enc('\n')
WEIGHT=dict(ts=.29,js=.14,py=.27,go=.055,rust=.05,java=.05,c=.04,cpp=.05,html=.015,css=.02,sh=.004,sql=.001,md=.008,yaml=.004,json=.003)
MIDW=3
def held(p): return hashlib.md5(p.encode()).digest()[0:2]<b'\x01\x48'   # 0.5 % of the files, by their path
def split(p):
    a=p.split('/'); k=2 if p[0]=='@' else 1
    return '/'.join(a[:k]),'/'.join(a[k:]) or p
def lines_end(t,i): j=t.find('\n',i); return len(t) if j<0 else j
BLOCK=re.compile(r'^([ \t]*)\S.*[{(\[:>]\n',re.M)
def cut(t,R,depth=0):
    n=len(t); r=R.random() if depth<8 else 0.1
    nl=lambda i:lines_end(t,i)
    if r<0.33:                       # cursor anywhere in a line -> rest of the line
        i=R.randrange(n); j=nl(i)
        if j-i<2: i=min(n-1,j+1); i+=len(t[i:i+200])-len(t[i:i+200].lstrip(' \t')); j=nl(i)
    elif r<0.5:                      # after the indentation -> whole line
        i=t.rfind('\n',0,R.randrange(n))+1; i=re.compile(r'[ \t]*').match(t,i).end(); j=nl(i)
        if j-i<2 and j+1<n: i=re.compile(r'\s*').match(t,j).end(); j=nl(i)
    elif r<0.66:                     # rest of the line and a few lines
        i=R.randrange(n); j=nl(i)
        for _ in range(R.randint(1,5)): j=nl(min(n,j+1))
    elif r<0.82:                     # body of a block: from its opening line's end to its last line's end
        ops=list(BLOCK.finditer(t))
        if not ops: return cut(t,R,depth+1)
        m=R.choice(ops); ind=len(m.group(1).expandtabs(4)); i=j=m.end()-1; k=m.end()
        while k<n:
            e=nl(k); ln=t[k:e]
            if ln.strip() and len(ln[:len(ln)-len(ln.lstrip())].expandtabs(4))<=ind: break
            if ln.strip(): j=e
            k=e+1
        if j-i<3 or j-i>700: return cut(t,R,depth+1)
        if R.random()<0.6: i=re.compile(r'\n+[ \t]*').match(t,i).end()   # cursor already indented on the new line
    elif r<0.92:                     # inside brackets, or a random span
        if R.random()<0.5:
            m=re.compile(r'[(\[{"\'`]').search(t,R.randrange(n))
            if m:
                c=t[m.start()]; cl={'(':')','[':']','{':'}'}.get(c,c); e=t.find(cl,m.end(),m.end()+160)
                if e>m.end(): return m.end(),e
        i=R.randrange(n); j=min(n,i+R.randint(1,200))
    else:                            # nothing to say: the text is whole where the cursor stands
        i=nl(R.randrange(n)); return (i,i) if t[max(0,i-60):i].strip() else cut(t,R,depth+1)
    if not t[i:j].strip(): return cut(t,R,depth+1)
    return i,j
def window(t,maxc,R):
    if len(t)<=maxc: return t
    s=R.randrange(len(t)-maxc+1)
    if s: k=t.find('\n',s); s=0 if k<0 or k-s>300 else k+1
    return t[s:s+maxc]
class Data:
    def __init__(s,R): s.R=R; s.files=collections.defaultdict(list); s.repo=collections.defaultdict(list); s.order={}; s.parts=set()
    def load(s,d):
        for f in sorted(glob.glob(d+'/part*.jsonl')):
            if f in s.parts: continue
            s.parts.add(f)
            for line in open(f):
                l,p,t=json.loads(line)
                if held(p): continue
                s.files[l].append((p,t)); s.repo[split(p)[0]].append((p,t))
            s.order={}
    def draw(s):
        ls=[l for l in WEIGHT if s.files[l]]; l=s.R.choices(ls,[WEIGHT[x] for x in ls])[0]
        o=s.order.get(l)
        if not o: o=list(range(len(s.files[l]))); s.R.shuffle(o); s.order[l]=o
        p,t=s.files[l][o.pop()]; return l,p,t
    def related(s,p):
        repo,_=split(p); c=s.repo[repo]
        if len(c)<2: return None
        d=p.rsplit('/',1)[0]; same=[x for x in (s.R.choice(c) for _ in range(12)) if x[0]!=p]
        near=[x for x in same if x[0].rsplit('/',1)[0]==d]
        return (near or same or [None])[0]
    def header(s,p,room):
        R=s.R; repo,name=split(p); r=R.random()
        if r<0.15 and room>3000:
            o=s.related(p)
            if o: return [REPO]+enc(repo+'\n')+[SEP]+enc(split(o[0])[1]+'\n'+window(o[1],int(room*R.uniform(.15,.5)),R)+'\n')+[SEP]+enc(name+'\n')
        if r<0.25: return [REPO]+enc(repo+'\n')+[SEP]+enc(name+'\n')
        if r<0.42: return [SEP]+enc(name+'\n')
        return []
    def fim(s,p,t,T):
        R=s.R; w=int(400*(3.3*T/400)**R.random()) if R.random()<0.6 else int(3.0*T*R.uniform(.5,1))
        for _ in range(5):
            h=s.header(p,w) if w>300 else []
            x=window(t,max(120,w-int(3*len(h))),R)
            if len(x)<60: return None
            i,j=cut(x,R); a,m,b=x[:i],x[i:j],x[j:]
            r=R.random()
            if r<0.15: b=''
            elif r<0.4: b='\n'.join(b.split('\n')[:R.randint(1,6)])
            if R.random()<0.62:      # the whole prefix stands after the middle token
                if R.random()<0.6:   # one text, as with token healing: the token across the cursor belongs to the answer
                    q=tok.encode(a+m,add_special_tokens=False); ka=next((n for n,(_,e) in enumerate(q.offsets) if e>len(a)),len(q.ids)); pre,mid=q.ids[:ka],q.ids[ka:]
                else: pre,mid=enc(a),enc(m)
                left=h+[PRE,SUF]+enc(b)+[MID]+pre
            else:
                pre,mid=enc(a),enc(m)
                if pre and m and R.random()<0.4: q=tok.decode(pre[-1:]); (pre,mid)=(pre[:-1],enc(q+m)) if '\ufffd' not in q and a.endswith(q) else (pre,mid)
                left=h+[PRE]+pre+[SUF]+enc(b)+[MID]
            n=len(left)+len(mid)+1
            if n<=T+1: return left+mid+[EOT],[1]*len(left)+[MIDW]*(len(mid)+1)
            w=int(w*min(.85,.92*T/n))
        return None
    def plain(s,p,t,T):
        R=s.R; repo,name=split(p); h=s.header(p,0) if R.random()<.5 else []
        if R.random()<0.25 and len(t)<1.2*T:
            o=s.related(p)
            if o: h=[REPO]+enc(repo+'\n')+[SEP]+enc(split(o[0])[1]+'\n'+window(o[1],int(1.4*T),R)+'\n')+[SEP]+enc(name+'\n')
        k=h+enc(window(t,int(10*T),R) if len(t)>10*T else t)+[EOT]
        return [(c,[1]*len(c)) for c in (k[i:i+T+1] for i in range(0,len(k)-1,T)) if len(c)>40][:3]
    def docs(s,T,n):
        # about n tokens of documents
        out=[]; have=0
        while have<n:
            l,p,t=s.draw(); r=s.R.random(); new=[]
            if r<0.74:
                for _ in range(1 if len(t)<3000 else 2 if len(t)<9000 else 3):
                    d=s.fim(p,t,T)
                    if d: new.append(d)
            elif r<0.93: new+=s.plain(p,t,T)
            if l in('py','js','ts') and len(t)<24000 and s.R.random()<0.16: new+=[(c,[1]*len(c)) for c in chats(t,l,s.R,enc) if len(c)<=T+1]
            if s.R.random()<0.05: new+=[(c,[1]*len(c)) for c in seed(s.R,1,enc) if len(c)<=T+1]
            out+=new; have+=sum(len(d[0]) for d in new)
        return out
def pack(docs,T,R):
    # best-fit decreasing: documents are never cut; what is left over in a row is padding
    docs=sorted(docs,key=lambda d:len(d[0]),reverse=True); rows=[]; free=[]
    for d in docs:
        n=len(d[0]); i=bisect.bisect_left(free,(n,-1))
        if i<len(free): sp,r=free.pop(i); rows[r].append(d); sp-=n
        else: rows.append([d]); r=len(rows)-1; sp=T+1-n
        if sp>=24: bisect.insort(free,(sp,r))
    R.shuffle(rows)
    x=np.full((len(rows),T+1),PAD,np.uint16); w=np.zeros((len(rows),T+1),np.uint8)
    for i,r in enumerate(rows):
        R.shuffle(r); a=[y for d in r for y in d[0]]; b=[y for d in r for y in d[1]]; x[i,:len(a)]=a; w[i,:len(a)]=b
    return x,w
if __name__=='__main__':
    k,n,dd,sd=int(sys.argv[1]),int(sys.argv[2]),sys.argv[3],sys.argv[4]; R=random.Random(1000+k); D=Data(R); c=0
    while True:
        D.load(dd)
        T=int(open(sd+'/T').read()); x,w=pack(D.docs(T,300000),T,R)
        f='%s/%d_%d_%d'%(sd,T,k,c); np.savez(f+'.tmp.npz',x=x,w=w); os.rename(f+'.tmp.npz',f+'.ready'); c+=1
        while len(glob.glob(sd+'/*.ready'))>8*n: time.sleep(0.2)
