# Measures a Hugging Face folder on held-out files: loss and bits per character by language, rest-of-line and several-line exact match in
# both fill-in-the-middle layouts, how often the answer ends by itself.    evaluate.py MODEL_DIR HELDOUT_JSONL OUT_JSON [N]
import sys,json,random,math,collections,os
import numpy as np,torch,torch.nn.functional as F
from model import *
from tokenizers import Tokenizer
d,hold,out=sys.argv[1:4]; N=int(sys.argv[4]) if len(sys.argv)>4 else 400
dev='cuda' if torch.cuda.is_available() else 'cpu'
j=json.load(open(d+'/tokenizer.json')); j['added_tokens']=[]; tok=Tokenizer.from_str(json.dumps(j))
enc=lambda t:tok.encode(t,add_special_tokens=False).ids if t else []
EOT,IMS,IME,PRE,MID,SUF,PAD,REPO,SEP=range(8176,8185)
m=load_hf(d).to(dev).eval(); _a=torch.outer(torch.arange(6000).float(),1.0/(m.z.THETA**(torch.arange(0,m.z.HD,2).float()/m.z.HD))); m.cos=_a.cos()[None,:,None,:].to(dev); m.sin=_a.sin()[None,:,None,:].to(dev); files=[json.loads(x) for x in open(hold)]
@torch.no_grad()
def logits(x):
    with torch.autocast(dev,torch.bfloat16,enabled=dev=='cuda'): return m.hidden(x)
@torch.no_grad()
def losses(seqs):
    # nats of each token after the first, summed
    res=[]
    for s in sorted(range(len(seqs)),key=lambda i:len(seqs[i])) and [seqs]:
        for i in range(0,len(s),16):
            b=s[i:i+16]; L=max(map(len,b)); x=torch.full((len(b),L),PAD,device=dev)
            for r,q in enumerate(b): x[r,:len(q)]=torch.tensor(q,device=dev)
            h=logits(x); 
            for r,q in enumerate(b):
                lg=(h[r,:len(q)-1].float()@m.e.float().t()); res.append(F.cross_entropy(lg,x[r,1:len(q)],reduction='sum').item())
    return res
R=random.Random(5); by=collections.defaultdict(list)
for l,p,t in files: by[l].append((p,t))
rep=dict(model=d,params=sum(p.numel() for p in m.parameters()))
tab={}
for l,fs in sorted(by.items()):
    fs=fs[:]; random.Random(1).shuffle(fs); seqs=[];ch=[]
    for p,t in fs[:120]:
        ids=enc(t[:8000])[:1000]
        if len(ids)<64: continue
        seqs.append([EOT]+ids); ch.append(len(tok.decode(ids)))
    if not seqs: continue
    ls=losses(seqs); tab[l]=dict(files=len(seqs),loss=sum(ls)/sum(len(s)-1 for s in seqs),bpc=sum(ls)/sum(ch)/math.log(2),chars_per_token=sum(ch)/sum(len(s)-1 for s in seqs))
rep['plain']=tab
def rope(y,c,sn): a,b=y.float().chunk(2,-1); return torch.cat([a*c-b*sn,b*c+a*sn],-1).to(y.dtype)
@torch.no_grad()
def step(x,pos,K,V,mask):
    # x [B,t] at positions pos [B,t]; keys and values are put into K, V [layer][B,KV,Lmax,HD]; mask [B,1,t,Lmax]
    z=m.z; B,t=x.shape; h=F.embedding(x,m.e); h=h.to(torch.bfloat16) if h.is_cuda else h; c,sn=m.cos[0,:,0][pos][:,:,None],m.sin[0,:,0][pos][:,:,None]; a=torch.arange(B,device=dev)[:,None]
    with torch.autocast(dev,torch.bfloat16,enabled=dev=='cuda'):
        for l,b in enumerate(m.b):
            y=b.n1(h); q=rope(b.q(y).view(B,t,z.H,z.HD),c,sn).transpose(1,2); k=rope(b.k(y).view(B,t,z.KV,z.HD),c,sn); v=b.v(y).view(B,t,z.KV,z.HD)
            K[l][a,:,pos]=k.to(K[l].dtype); V[l][a,:,pos]=v.to(V[l].dtype); G=z.H//z.KV
            kk=K[l].repeat_interleave(G,1).to(q.dtype); vv=V[l].repeat_interleave(G,1).to(q.dtype)
            o=F.scaled_dot_product_attention(q,kk,vv,attn_mask=mask); h=h+b.o(o.transpose(1,2).reshape(B,t,-1)); y=b.n2(h); h=h+b.d(F.silu(b.g(y))*b.u(y))
        return m.n(h)
@torch.no_grad()
def generate(prompts,n=72):
    order=sorted(range(len(prompts)),key=lambda i:len(prompts[i])); res=[None]*len(prompts); B=64 if dev=='cuda' else 8; z=m.z
    for k in range(0,len(order),B):
        ix=order[k:k+B]; L0=max(len(prompts[i]) for i in ix); L=L0+n; x=torch.full((len(ix),L0),PAD,device=dev); ln=torch.tensor([len(prompts[i]) for i in ix],device=dev)
        for r,i in enumerate(ix): x[r,:len(prompts[i])]=torch.tensor(prompts[i],device=dev)
        dt=torch.bfloat16 if dev=='cuda' else torch.float32; K=[torch.zeros(len(ix),z.KV,L,z.HD,device=dev,dtype=dt) for _ in range(z.L)]; V=[torch.zeros_like(q) for q in K]
        p=torch.arange(L0,device=dev)[None].expand(len(ix),L0); j=torch.arange(L,device=dev); h=step(x,p,K,V,(j[None,None,None,:]<=p[:,None,:,None]))
        h=h[torch.arange(len(ix),device=dev),ln-1]; out=[]; done=torch.zeros(len(ix),dtype=torch.bool,device=dev); pos=ln.clone()
        for s in range(n):
            t=(h.float()@m.e.float().t()).argmax(-1); t=torch.where(done,torch.full_like(t,PAD),t); out.append(t); done|=(t==EOT)|(t==IME)
            if s%8==7 and bool(done.all()): break
            h=step(t[:,None],pos[:,None],K,V,(j[None,None,None,:]<=pos[:,None,None,None]))[:,0]; pos=pos+1
        O=torch.stack(out,1).tolist()
        for r,i in enumerate(ix):
            o=O[r]; e=next((q for q,y in enumerate(o) if y in(EOT,IME)),None); res[i]=(tok.decode([y for y in (o if e is None else o[:e]) if y<8176]),e is not None)
    return res
def tasks(kind,n,langs):
    R=random.Random(kind); res=[]; pool=[(l,p,t) for l,p,t in files if l in langs]; R.shuffle(pool); k=0
    while len(res)<n and k<20*n:
        l,p,t=pool[k%len(pool)]; k+=1
        if kind=='block':
            import cut as g
            c=g.block(t,R)
            if not c: continue
            i,j2=c
        else:
            ls=t.split('\n'); a=R.randrange(len(ls)); i=sum(len(x)+1 for x in ls[:a]); ln=ls[a]; ind=len(ln)-len(ln.lstrip())
            if len(ln.strip())<6: continue
            if kind=='line': i+=ind
            elif kind=='ident':
                import re
                q=[x for x in re.finditer(r'\w{4,}',ln)]
                if not q: continue
                x=R.choice(q); i+=R.randrange(x.start()+1,x.end())
            else: i+=R.randrange(ind,len(ln)-2) if ind<len(ln)-2 else ind
            j2=t.find('\n',i); j2=len(t) if j2<0 else j2
        if j2-i<2: continue
        a,b=t[:i],t[j2:]
        res.append((l,p,a[-2400:] if len(a)>2400 else a,t[i:j2],b[:900]))
    return res
def prompt(lay,p,a,b):
    name='/'.join(p.split('/')[1:]) or p; h=[SEP]+enc(name+'\n')
    return h+[PRE,SUF]+enc(b)+[MID]+enc(a) if lay=='after' else h+[PRE]+enc(a)+[SUF]+enc(b)+[MID]
rep['infill']={}
for kind,langs in (('rest','ts js py'),('line','ts js py'),('ident','ts js py'),('restother','go rust java c cpp'),('block','ts js py')):
    ts=tasks(kind,N,langs.split())
    for lay in ('after','documented'):
        g=generate([prompt(lay,p,a,b) for _,p,a,_,b in ts],72 if kind!='block' else 160)
        em=[(x.split('\n')[0].rstrip()==t.rstrip()) if kind!='block' else x.strip()==t.strip() for (x,_),(_,_,_,t,_) in zip(g,ts)]
        first=[x.split('\n')[0].rstrip()==t.split('\n')[0].rstrip() for (x,_),(_,_,_,t,_) in zip(g,ts)]
        bl=collections.defaultdict(list)
        for e,(l,*_) in zip(em,ts): bl[l].append(e)
        rep['infill'][kind+'/'+lay]=dict(n=len(ts),exact=sum(em)/len(ts),first_line=sum(first)/len(ts),stops=sum(e for _,e in g)/len(ts),by={l:round(sum(v)/len(v),3) for l,v in bl.items()},samples=[[a[-80:],t,x[:120]] for (x,_),(_,_,a,t,_) in list(zip(g,ts))[:6]])
json.dump(rep,open(out,'w'),indent=1)
print(json.dumps({k:(round(v['exact'],3),round(v['stops'],3),round(v['first_line'],3)) for k,v in rep['infill'].items()}),json.dumps({l:(round(v['loss'],3),round(v['bpc'],3)) for l,v in tab.items()}),flush=True)
